//! The cost of reading the log, from bytes to events with facts.

use std::hint::black_box;

use memchr::memchr_iter;
use wardline_decode::{
    DecodeOutcome, Decoder, Demand, DemandFilter, Head, HeadObject, Limits, Texts, decode,
};

use crate::bench::Bench;
use crate::tape;
use crate::timing::{LONG_RUNS, RUNS, Time, best, best_of, take_turns, timed};

/// The host's default limits.
pub const LIMITS: Limits = Limits {
    line_bytes: 2 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};

/// Measures, and returns the time of the tape parse as a reference for other measurements.
pub fn measure(bench: &mut Bench) -> Time {
    bench.report.group("Reading, one thread");
    let log = &bench.log;
    let events = log.events();
    let bare = best(|| {
        timed(|| {
            assert!(simdutf8::basic::from_utf8(log.text()).is_ok());
            memchr_iter(b'\n', log.text()).count()
        })
    });
    let mut copy = || tape::copy(log);
    let mut parse = || tape::parse(log);
    let mut padded = || tape::parse_padded(log);
    let nothing = |_: &Head<'_>| false;
    let everything = |_: &Head<'_>| true;
    let host = bench.host(1);
    let router = &*host.generation.router;
    let mut unasked = || timed(|| fast(bench, &Nobody, 0));
    let mut unwanted = || timed(|| fast(bench, &nothing, 0));
    let mut all = || timed(|| fast(bench, &everything, events));
    let wanted = bench.host(1).judge_all(&bench.chunks).wanted;
    let mut real = || timed(|| fast(bench, router, wanted));
    let [copied, parsed, padded, unasked, unwanted, all, real] = take_turns(
        RUNS,
        [
            &mut copy,
            &mut parse,
            &mut padded,
            &mut unasked,
            &mut unwanted,
            &mut all,
            &mut real,
        ],
    );
    let parsed = parsed.without(copied);
    let padded = padded.without(copied);
    let slow = best_of(LONG_RUNS, || timed(|| slow(bench)));
    let tree = best_of(LONG_RUNS, || {
        timed(|| {
            for bytes in log.lines() {
                black_box(serde_json::from_slice::<serde_json::Value>(bytes)).expect("JSON");
            }
        })
    });
    let reference = ("the tape parse", parsed);
    let rows = [
        bench.row("newlines found, UTF-8 checked", bare),
        bench.row("each line copied (simd-json writes into its input)", copied),
        bench.row("simd-json to a tape, without that copy", parsed),
        bench.beside("the same of lines with room behind them", padded, reference),
        bench.beside("serde_json to a tree of values", tree, reference),
        bench.beside("decoded by the slow reader, all facts", slow, reference),
        bench.beside("decoded, everything wanted", all, reference),
        bench.beside("decoded, what the default detectors want", real, reference),
        bench.beside("decoded, refused by the whole head", unwanted, reference),
        bench
            .beside("decoded, nobody subscribes", unasked, reference)
            .at_most(0.15),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
    parsed
}

/// Needs no event, whatever its object is.
struct Nobody;

impl DemandFilter for Nobody {
    fn may_match(&self, _: &str, _: Option<&HeadObject<'_>>, _: &Texts<'_>) -> bool {
        false
    }

    fn demand(&self, _: &Head<'_>) -> Demand {
        Demand::None
    }
}

fn fast(bench: &Bench, interest: &dyn DemandFilter, expected: u64) {
    let mut decoder = Decoder::default();
    let mut events = 0;
    for line in bench.log.lines() {
        decoder.decode(line, &LIMITS, interest, &mut |unit| {
            events += u64::from(matches!(black_box(unit), DecodeOutcome::Event(_)));
        });
    }
    assert_eq!(events, expected, "the events differ");
}

fn slow(bench: &Bench) {
    let mut events = 0;
    for line in bench.log.lines() {
        decode(line, &LIMITS, &mut |result| {
            events += u64::from(black_box(result).is_ok());
        });
    }
    assert_eq!(events, bench.log.events(), "the events differ");
}
