//! The time to load the detectors: reading, validating, compiling, starting, describing, and
//! configuring them.

use std::path::Path;
use std::time::Duration;

use wardline::app::compose;
use wardline::plugin::LoaderEvent;

use crate::bench::Bench;
use crate::host::config;
use crate::report::Row;
use crate::timing::{LONG_RUNS, RUNS, Time, best_of, timed};

pub fn measure(bench: &mut Bench) {
    bench.report.group("Loading the default detectors");
    let load = |cache: Option<&Path>| -> (Duration, Duration) {
        let mut composition =
            compose(&config(1), &bench.built.default, None, cache).expect("a host");
        let mut compiling = 0;
        let time = timed(|| {
            for event in composition.loader.look(&mut |_| {}) {
                let LoaderEvent::Loaded {
                    compile_milliseconds,
                    ..
                } = event
                else {
                    panic!("{event:?}");
                };
                compiling += compile_milliseconds;
            }
        });
        (time.wall, Duration::from_millis(compiling))
    };
    let compiled = (0..LONG_RUNS)
        .map(|_| load(None))
        .min()
        .expect("there is at least one run");
    let cached = best_of(RUNS, || Time::wall(load(Some(&bench.built.cache)).0)).wall;
    let rows = [
        Row::milliseconds("all steps", compiled.0),
        Row::milliseconds("of that compiling", compiled.1).against("all steps", compiled.0),
        Row::milliseconds("all steps, compiled before and kept", cached)
            .against("compiling", compiled.0),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}
