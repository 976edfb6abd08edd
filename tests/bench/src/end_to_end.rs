//! The whole pipeline, from lines to findings, with the default detectors.

use std::path::Path;

use wardline::app::{ScanOptions, ScanProgress, scan};
use wardline::pipeline::Totals;

use crate::bench::Bench;
use crate::host::{Done, config};
use crate::native::{self, Steps};
use crate::tape;
use crate::timing::{RUNS, Time};

/// Measures, and returns the time with one thread. The tape parse is measured again, taking
/// turns with the times that are compared with it.
pub fn measure(bench: &mut Bench, tape: Time) -> Time {
    bench
        .report
        .group("From lines to findings, the default detectors");
    let path = bench.folder().join("audit.log");
    std::fs::write(&path, bench.log.text()).expect("cannot write the log");
    let (mut one, mut two, mut native) = (Vec::<Done>::new(), Vec::new(), Vec::new());
    let mut file = Time::MAX;
    let mut steps = None;
    let (mut parsed, mut copied) = (Time::MAX, Time::MAX);
    for _ in 0..RUNS {
        parsed = parsed.min(tape::parse(&bench.log));
        copied = copied.min(tape::copy(&bench.log));
        one.push(bench.host(1).judge_all(&bench.chunks));
        two.push(bench.host(2).judge_all(&bench.chunks));
        let generation = bench.host(1).generation;
        let (done, times) = native::judge_all(&bench.log, &generation, &config(1));
        native.push(done);
        steps = steps.map_or(Some(times), |steps: Steps| Some(steps.min(times)));
        let findings = one[0].findings;
        file = file.min(from_file(bench, &path, findings));
    }
    let [one, two, native] = [one, two, native].map(|runs: Vec<Done>| best(&runs));
    for other in [&two, &native] {
        assert_eq!(one.findings, other.findings, "the findings differ");
        assert_eq!(one.judged, other.judged, "the judged events differ");
    }
    let tape = tape.min(parsed.without(copied));
    let rows = [
        bench
            .beside("one thread", one.all, ("the tape parse", tape))
            .at_most(0.5),
        bench.beside(
            "one thread, detectors native instead",
            native.all,
            ("the tape parse", tape),
        ),
        bench
            .beside(
                "one thread, beside that",
                one.all,
                ("detectors native", native.all),
            )
            .at_most(1.25),
        bench.beside(
            "of that inside detectors",
            Time::wall(one.calls),
            ("detectors native", Time::wall(native.calls)),
        ),
        bench
            .beside("two threads", two.all, ("one thread", one.all))
            .at_most(0.55),
        bench.beside("one thread, from a file", file, ("from lines", one.all)),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
    if let Some(steps) = steps {
        add_steps(bench, &steps, native.all);
    }
    one.all
}

fn add_steps(bench: &mut Bench, steps: &Steps, all: Time) {
    bench
        .report
        .group("Where that time goes, step by step, with native detectors");
    let steps = [
        ("decoding", steps.decode),
        ("order and inventory", steps.order),
        ("routing", steps.route),
        ("packing, batches, judging", steps.judge),
        ("giving back memory", steps.free),
    ];
    for (name, time) in steps {
        let row = bench.beside(name, time, ("all steps", all));
        bench.report.add(row);
    }
}

/// The best times of equal runs.
fn best(runs: &[Done]) -> Done {
    let best = |one: Done, other: &Done| Done {
        all: one.all.min(other.all),
        calls: one.calls.min(other.calls),
        ..one
    };
    runs.iter().fold(runs[0], best)
}

/// The time of `wardline scan` on a file, in this process and without its start.
fn from_file(bench: &Bench, path: &Path, expected: u64) -> Time {
    let mut findings = 0;
    let report = scan(
        &config(1),
        &bench.built.default,
        &[path.to_owned()],
        &ScanOptions {
            cache: Some(&bench.built.cache),
            stream: true,
            ..ScanOptions::default()
        },
        &mut Silent,
        &mut |_| {
            findings += 1;
            Ok(())
        },
    )
    .expect("cannot judge the log");
    assert_eq!(findings, expected, "the findings differ");
    Time::wall(report.time)
}

struct Silent;

impl ScanProgress for Silent {
    fn total(&mut self, _: Option<u64>) {}
    fn advance(&mut self, _: u64, _: &Totals) {}
    fn finish(&mut self) {}
}
