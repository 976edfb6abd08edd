//! The time for which a swap of all detectors keeps a thread from judging.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use wardline_detect::{Detector, DetectorParts, Generation};
use wardline_route::Subscriptions;

use crate::bench::Bench;
use crate::host::Host;
use crate::instance::started;
use crate::report::Row;
use crate::timing::{LONG_RUNS, percentile, timed};

const THREADS: usize = 2;

/// The minimum number of chunks, so that there are gaps between them.
const CHUNKS: usize = 4;

pub fn measure(bench: &mut Bench) {
    if bench.chunks.len() < CHUNKS {
        return;
    }
    bench
        .report
        .group("Replacing all detectors while events flow, two threads");
    let mut longest = [Duration::MAX; 2];
    let mut usual = Duration::MAX;
    let mut swap = Duration::MAX;
    for _ in 0..LONG_RUNS {
        let without = gaps(bench, false);
        let with = gaps(bench, true);
        usual = percentile(&without, 0.5).min(usual);
        longest[0] = percentile(&without, 1.0).min(longest[0]);
        longest[1] = percentile(&with, 1.0).min(longest[1]);
        let mut host = bench.host(THREADS);
        let next = next_version(&host);
        let replaced = timed(|| {
            host.swap(&next);
            host.wait();
        });
        swap = swap.min(replaced.wall);
    }
    let rows = [
        Row::milliseconds("a chunk, the median", usual),
        Row::milliseconds("the swap alone, until all threads have done it", swap)
            .against("a chunk", usual),
        Row::milliseconds("the longest between two chunks, without swaps", longest[0])
            .against("a chunk", usual),
        Row::milliseconds("the longest, with a swap before every chunk", longest[1])
            .against("without", longest[0])
            .at_most(2.0),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}

/// Returns the sorted times from one finished chunk to the next.
fn gaps(bench: &Bench, with_swaps: bool) -> Vec<Duration> {
    let mut host = bench.host(THREADS);
    let mut chunks = bench.chunks.clone();
    // The last chunk is incomplete. The first one starts the clock.
    chunks.pop();
    let mut versions: Vec<Generation> = if with_swaps {
        chunks.iter().map(|_| next_version(&host)).collect()
    } else {
        Vec::new()
    };
    let mut gaps = Vec::with_capacity(chunks.len());
    let mut last: Option<Instant> = None;
    for chunk in chunks {
        if let Some(next) = versions.pop() {
            host.swap(&next);
        }
        host.judge(chunk);
        let now = Instant::now();
        gaps.extend(last.map(|last| now - last));
        last = Some(now);
    }
    gaps.sort();
    gaps
}

/// Returns new versions of the same detectors with prepared instances, as the loader makes them.
fn next_version(host: &Host) -> Generation {
    static NEXT: AtomicU64 = AtomicU64::new(2_000_000);
    let detectors = host.generation.detectors.iter().map(|detector| {
        let ready = (0..THREADS).map(|_| started(&host.services, detector));
        Arc::new(Detector::new(DetectorParts {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            file: detector.file.clone(),
            digest: detector.digest.clone(),
            descriptor: Arc::clone(&detector.descriptor),
            subscriptions: Subscriptions::new(&detector.descriptor).expect("they are valid"),
            program: Arc::clone(&detector.program),
            settings: detector.settings.clone(),
            limits: Arc::clone(&detector.limits),
            breaker: detector.breaker.clone(),
            state: detector.state.clone(),
            ready: ready.collect(),
        }))
    });
    Generation::new(host.generation.number + 1, detectors.collect())
}
