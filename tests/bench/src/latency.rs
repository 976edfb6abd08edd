//! The latency from a line's arrival to its findings.
//!
//! Lines arrive at a steady rate, independent of the host's speed, so that waiting counts (no
//! coordinated omission). Every line of the log is measured, with or without findings: its
//! findings come out when its chunk is done.

use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::host::{Chunk, cut};
use crate::report::Row;
use crate::timing::{LONG_RUNS, percentile};

/// The interval at which an idle host polls for lines.
const LOOK: Duration = Duration::from_micros(200);

pub fn measure(bench: &mut Bench) {
    bench
        .report
        .group("From a line's arrival to its findings, two threads");
    for rate in [20_000, 100_000] {
        let paced = (0..LONG_RUNS)
            .map(|_| pace(bench, rate))
            .min_by_key(|paced| percentile(&paced.latencies, 0.99))
            .expect("there is at least one run");
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let row = Row::milliseconds(
                &format!("{name} at {rate} events/s"),
                percentile(&paced.latencies, share),
            );
            let behind = paced.late.as_secs_f64() / paced.length.as_secs_f64();
            bench.report.add(if behind > 0.02 {
                row.note(format!(
                    "not sustained: {:.0} events/s",
                    rate as f64 / (1.0 + behind)
                ))
            } else {
                row
            });
        }
    }
}

struct Paced {
    /// The latencies of all lines, sorted.
    latencies: Vec<Duration>,
    /// The time over which lines arrived.
    length: Duration,
    /// The delay from the arrival of the last line to the end of the last chunk.
    late: Duration,
}

fn pace(bench: &Bench, rate: u64) -> Paced {
    let mut host = bench.host(2);
    let lines = bench.log.events();
    let interval = Duration::from_secs(1) / rate as u32;
    let mut coming = bench.chunks.clone().into_iter();
    let mut chunk: Option<(Chunk, u64)> = None;
    let mut latencies = Vec::with_capacity(lines as usize);
    let (mut done, started) = (0, Instant::now());
    while done < lines {
        let arrived = (started.elapsed().as_secs_f64() * rate as f64) as u64;
        let waiting = arrived.min(lines) - done;
        if waiting == 0 {
            std::thread::sleep(LOOK);
            continue;
        }
        let (next, left) = chunk.get_or_insert_with(|| {
            let next = coming.next().expect("lines are left");
            let length = next.len();
            (next, length)
        });
        let count = waiting.min(*left);
        host.judge(cut(next, count as usize));
        *left -= count;
        if *left == 0 {
            chunk = None;
        }
        let now = started.elapsed();
        latencies
            .extend((done..done + count).map(|line| now.saturating_sub(interval * line as u32)));
        done += count;
    }
    let length = interval * lines as u32;
    let late = started.elapsed().saturating_sub(length);
    latencies.sort();
    Paced {
        latencies,
        length,
        late,
    }
}
