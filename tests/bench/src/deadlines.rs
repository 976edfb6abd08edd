//! What it costs that a detector can be interrupted.

use crate::bench::Bench;
use crate::host::{Done, Host};
use crate::timing::{RUNS, Time};

pub fn measure(bench: &mut Bench) {
    bench
        .report
        .group("Deadlines: the same code compiled with epochs and without");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        with.push(bench.host(1).judge_all(&bench.chunks));
        without.push(Host::without_deadlines(&bench.built.default, 1).judge_all(&bench.chunks));
    }
    let [with, without] = [with, without].map(|runs: Vec<Done>| {
        let least = runs.iter().map(|run| run.calls).min();
        (least.unwrap_or_default(), runs[0])
    });
    assert_eq!(
        with.1.judged, without.1.judged,
        "they do not judge the same"
    );
    let rows = [
        bench.row("inside detectors, without", Time::wall(without.0)),
        bench.beside(
            "inside detectors, with",
            Time::wall(with.0),
            ("without", Time::wall(without.0)),
        ),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}
