//! How fast the whole host is, each figure beside its reference, measured in the same
//! run on the same bytes. `make bench`; `make bench JSON=FILE` writes the figures too.
//!
//! The log is that of `tests/data`, many times over with other ids; `LOG=FILE` names another.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement that fails should stop"
)]

mod crossing;
mod log;
mod memory;
mod native;
mod program;
mod report;
#[path = "../../support/transport.rs"]
mod transport;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::Log;
use report::Report;
use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline::detect::Generation;
use wardline::plugin::LoaderEvent;
use wardline::plugin::author::build;
use wardline::source::RawLine;

const DETECTORS: [&str; 5] = [
    "anonymous-access",
    "exec-in-kube-system",
    "exec-in-privileged-pod",
    "privileged-workloads",
    "secret-enumeration",
];

/// Runs of each measurement; the best counts, since everything else on the machine
/// only makes it slower.
const RUNS: usize = 3;

fn best(mut measure: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| measure()).min().unwrap_or_default()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let started = Instant::now();
    std::hint::black_box(work());
    started.elapsed()
}

fn detectors(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let plugins = folder.join("plugins");
    for name in DETECTORS {
        build(&root.join("plugins").join(name), Some(&plugins)).expect("a detector builds");
    }
    plugins
}

struct Judged {
    /// From lines to findings.
    all: Duration,
    /// Of that, inside detectors.
    calls: Duration,
    findings: u64,
    generation: Generation,
}

fn judge(plugins: &Path, cache: &Path, lines: &[RawLine], threads: usize) -> Judged {
    let mut config = Config::defaults().unwrap();
    config.threads = threads;
    let Composition {
        mut pipeline,
        mut loader,
        ..
    } = compose(&config, plugins, None, Some(cache)).unwrap();
    let mut generation = Generation::default();
    loader.look(&mut |next| generation = next);
    pipeline.swap(&generation).unwrap();
    let chunks: Vec<Vec<RawLine>> = lines.chunks(config.chunk).map(<[_]>::to_vec).collect();
    let mut judged = Judged {
        all: Duration::ZERO,
        calls: Duration::ZERO,
        findings: 0,
        generation,
    };
    for chunk in chunks {
        let started = Instant::now();
        let processed = pipeline.process(chunk).unwrap();
        judged.all += started.elapsed();
        judged.findings += processed.findings.len() as u64;
        judged.calls += processed
            .tallies
            .values()
            .flat_map(|tally| &tally.call_times)
            .sum::<Duration>();
    }
    judged
}

fn decode(log: &Log) -> u64 {
    let limits = wardline_event::decode::Limits {
        line_bytes: 2 << 20,
        depth: 128,
    };
    let mut events = 0;
    for line in log.lines() {
        wardline_event::decode::decode(line, &limits, &mut |result| {
            events += u64::from(std::hint::black_box(result).is_ok());
        });
    }
    events
}

fn load_times(report: &mut Report, plugins: &Path, cache: &Path) {
    let load = |cache: Option<&Path>| {
        let config = Config::defaults().unwrap();
        let mut composition = compose(&config, plugins, None, cache).unwrap();
        let started = Instant::now();
        let events = composition.loader.look(&mut |_| {});
        let time = started.elapsed();
        assert!(
            events
                .iter()
                .all(|event| matches!(event, LoaderEvent::Loaded { .. })),
            "{events:?}"
        );
        time
    };
    let compiled = best(|| load(None));
    load(Some(cache));
    let cached = best(|| load(Some(cache)));
    report.section("Loading the five detectors (all steps)");
    report.time("compiled", compiled, None);
    report.time("from the cache of compiled code", cached, Some(compiled));
}

fn swap_time(report: &mut Report, plugins: &Path, cache: &Path, lines: &[RawLine]) {
    let config = Config::defaults().unwrap();
    let Composition {
        mut pipeline,
        mut loader,
        ..
    } = compose(&config, plugins, None, Some(cache)).unwrap();
    let mut generation = Generation::default();
    loader.look(&mut |next| generation = next);
    pipeline.swap(&generation).unwrap();
    let chunk: Vec<RawLine> = lines.iter().take(config.chunk).cloned().collect();
    let one = timed(|| pipeline.process(chunk).unwrap());
    let empty = Generation::default();
    let swap = best(|| {
        timed(|| {
            pipeline.swap(&empty).unwrap();
            pipeline.swap(&generation).unwrap();
            // Answered by every thread once it has swapped.
            pipeline.health().unwrap();
        })
    });
    report.section("Swapping");
    report.time("judging one chunk", one, None);
    report.time(
        "five detectors out and in again, between two chunks",
        swap,
        Some(one),
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let json = arguments
        .iter()
        .position(|argument| argument == "--json")
        .and_then(|at| arguments.get(at + 1))
        .map(PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let plugins = detectors(folder.path());
    let log = Log::read(40);
    let lines: Vec<RawLine> = log
        .lines()
        .zip(1..)
        .map(|(bytes, line)| RawLine {
            bytes: bytes.to_vec().into(),
            source: Arc::from("log"),
            line,
            defect: None,
        })
        .collect();
    let events = lines.len() as u64;
    let mut report = Report::new(events, log.bytes());

    let bare = best(|| {
        timed(|| {
            log.lines()
                .filter(|line| std::str::from_utf8(line).is_ok())
                .count()
        })
    });
    let json_parse = best(|| {
        timed(|| {
            log.lines()
                .filter(|line| serde_json::from_slice::<serde_json::Value>(line).is_ok())
                .count()
        })
    });
    let decoded = best(|| timed(|| decode(&log)));
    report.section("Reading (one thread)");
    report.rate("lines found and checked for UTF-8", bare, None);
    report.rate("serde_json to a tree of values", json_parse, None);
    report.rate("decoded to events with facts", decoded, Some(json_parse));

    let runs: Vec<Judged> = (0..RUNS)
        .map(|_| judge(&plugins, &cache, &lines, 1))
        .collect();
    let one = runs.iter().min_by_key(|run| run.all).unwrap();
    let native = native::judge_all(&log, &one.generation, &Config::defaults().unwrap());
    assert!(one.findings > 0, "nothing was found");
    assert_eq!(one.findings, native.findings, "the two do not do the same");
    let with_native = (one.all + native.calls).saturating_sub(one.calls);
    let two = best(|| judge(&plugins, &cache, &lines, 2).all);
    report.section("Judging with the five default detectors");
    report.rate("inside detectors, native", native.calls, None);
    report.rate("inside detectors, sandboxed", one.calls, Some(native.calls));
    report.rate(
        "lines to findings, one thread, native (computed)",
        with_native,
        None,
    );
    report.rate(
        "lines to findings, one thread, sandboxed",
        one.all,
        Some(with_native),
    );
    report.rate(
        "lines to findings, two threads, sandboxed",
        two,
        Some(one.all),
    );

    crossing::measure(&mut report, folder.path(), &log);
    load_times(&mut report, &plugins, &cache);
    swap_time(&mut report, &plugins, &cache, &lines);
    report.section("This process");
    report.bytes("resident at the end", memory::resident());
    program::measure(&mut report, folder.path(), &plugins, &log);
    report.print();
    if let Some(path) = json {
        std::fs::write(&path, report.json()).expect("the figures can be written");
    }
}
