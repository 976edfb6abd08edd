//! Decoding single events, and rejecting a truncated one.

use wardline_decode::{DecodeOutcome, Decoder, Head, decode};

use crate::bench::Bench;
use crate::read::LIMITS;
use crate::report::Row;
use crate::timing::{Time, best, timed};

/// The number of times that each event is decoded.
const TIMES: u64 = 2_000;

pub fn measure(bench: &mut Bench) {
    let mut lines: Vec<&[u8]> = bench.log.lines().collect();
    lines.sort_by_key(|line| line.len());
    let shares = [
        ("the shortest", 0.0),
        ("the median", 0.5),
        ("the 99th percentile", 0.99),
    ];
    let mut rows = Vec::new();
    for (which, share) in shares {
        let line = lines[(share * (lines.len() - 1) as f64) as usize];
        let name = format!("{which}, {} bytes", line.len());
        let (slow, fast) = both(line, true);
        rows.push(Row::each(&name, fast, TIMES).against_each("the slow reader", slow, TIMES));
    }
    let line = lines[lines.len() / 2];
    let (slow, fast) = both(&line[..line.len() / 2], false);
    rows.push(
        Row::each("half of the median, refused", fast, TIMES).against_each(
            "the slow reader",
            slow,
            TIMES,
        ),
    );
    bench
        .report
        .group("Decoding one event again and again, all facts");
    rows.into_iter().for_each(|row| bench.report.add(row));
}

/// Returns the times of the slow and of the fast reader.
fn both(line: &[u8], is_event: bool) -> (Time, Time) {
    let slow = best(|| {
        timed(|| {
            for _ in 0..TIMES {
                decode(std::hint::black_box(line), &LIMITS, &mut |result| {
                    assert_eq!(std::hint::black_box(result).is_ok(), is_event);
                });
            }
        })
    });
    let everything = |_: &Head<'_>| true;
    let mut decoder = Decoder::default();
    let fast = best(|| {
        timed(|| {
            for _ in 0..TIMES {
                decoder.decode(
                    std::hint::black_box(line),
                    &LIMITS,
                    &everything,
                    &mut |unit| {
                        assert_eq!(
                            matches!(std::hint::black_box(unit), DecodeOutcome::Event(_)),
                            is_event
                        );
                    },
                );
            }
        })
    });
    (slow, fast)
}
