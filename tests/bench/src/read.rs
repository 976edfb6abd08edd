//! What it costs to read the log, from its bare bytes to events with facts.

use std::hint::black_box;

use memchr::memchr_iter;
use simd_json::{Buffers, INPUT_PADDING, Tape, fill_tape_padded};
use wardline_event::decode::{Decoder, Interest, Limits, Unit, decode};

use crate::bench::Bench;
use crate::timing::{LONG_RUNS, RUNS, Time, best, best_of, take_turns, timed};

/// The host's limits without a configuration.
pub const LIMITS: Limits = Limits {
    line_bytes: 2 << 20,
    depth: 128,
};

/// Measures, and gives the time of the tape parse, which others are compared with.
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
    let mut line = Vec::new();
    let mut copy = || {
        timed(|| {
            for bytes in log.lines() {
                line.clear();
                line.extend_from_slice(bytes);
                black_box(&line);
            }
        })
    };
    let (mut parser, mut other) = (TapeParser::new(), TapeParser::new());
    let mut parse = || timed(|| log.lines().for_each(|bytes| parser.parse(bytes)));
    let mut padded = || timed(|| log.lines().for_each(|bytes| other.parse_padded(bytes)));
    let nothing = |_: &wardline_event::decode::Head<'_>| false;
    let everything = |_: &wardline_event::decode::Head<'_>| true;
    let host = bench.host(1);
    let router = &*host.generation.router;
    let mut unwanted = || timed(|| fast(bench, &nothing, 0));
    let mut all = || timed(|| fast(bench, &everything, events));
    let wanted = bench.host(1).judge_all(&bench.chunks).wanted;
    let mut real = || timed(|| fast(bench, router, wanted));
    let [copied, parsed, padded, unwanted, all, real] = take_turns(
        RUNS,
        [
            &mut copy,
            &mut parse,
            &mut padded,
            &mut unwanted,
            &mut all,
            &mut real,
        ],
    );
    let tape = parsed.without(copied);
    let padded = padded.without(copied);
    let slow = best_of(LONG_RUNS, || timed(|| slow(bench)));
    let tree = best_of(LONG_RUNS, || {
        timed(|| {
            for bytes in log.lines() {
                black_box(serde_json::from_slice::<serde_json::Value>(bytes)).expect("JSON");
            }
        })
    });
    let reference = ("the tape parse", tape);
    let rows = [
        bench.row("newlines found, UTF-8 checked", bare),
        bench.row("each line copied (simd-json writes into its input)", copied),
        bench.row("simd-json to a tape, without that copy", tape),
        bench.beside("the same of lines with room behind them", padded, reference),
        bench.beside("serde_json to a tree of values", tree, reference),
        bench.beside("decoded by the slow reader, all facts", slow, reference),
        bench.beside("decoded, everything wanted", all, reference),
        bench.beside("decoded, what the default detectors want", real, reference),
        bench
            .beside("decoded, nothing wanted", unwanted, reference)
            .at_most(0.15),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
    tape
}

/// simd-json with all that can be used again.
struct TapeParser {
    line: Vec<u8>,
    buffers: Buffers,
    tape: Option<Tape<'static>>,
}

impl TapeParser {
    fn new() -> Self {
        Self {
            line: Vec::new(),
            buffers: Buffers::default(),
            tape: Some(Tape::null()),
        }
    }

    fn parse(&mut self, bytes: &[u8]) {
        self.line.clear();
        self.line.extend_from_slice(bytes);
        let mut tape = self.tape.take().unwrap_or_else(Tape::null).reset();
        simd_json::fill_tape(&mut self.line, &mut self.buffers, &mut tape).expect("JSON");
        self.tape = Some(black_box(tape).reset());
    }

    /// Without the copy that simd-json makes for itself, of a line with room behind it.
    fn parse_padded(&mut self, bytes: &[u8]) {
        self.line.clear();
        self.line.extend_from_slice(bytes);
        self.line.resize(bytes.len() + INPUT_PADDING, 0);
        let mut tape = self.tape.take().unwrap_or_else(Tape::null).reset();
        fill_tape_padded(&mut self.line, bytes.len(), &mut self.buffers, &mut tape).expect("JSON");
        self.tape = Some(black_box(tape).reset());
    }
}

fn fast(bench: &Bench, interest: &dyn Interest, expected: u64) {
    let mut decoder = Decoder::default();
    let mut events = 0;
    for line in bench.log.lines() {
        decoder.decode(line, &LIMITS, interest, &mut |unit| {
            events += u64::from(matches!(black_box(unit), Unit::Event(_)));
        });
    }
    assert_eq!(events, expected, "not the same events");
}

fn slow(bench: &Bench) {
    let mut events = 0;
    for line in bench.log.lines() {
        decode(line, &LIMITS, &mut |result| {
            events += u64::from(black_box(result).is_ok());
        });
    }
    assert_eq!(events, bench.log.events(), "not the same events");
}
