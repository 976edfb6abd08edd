//! The cost of making detectors interruptible.

use wardline_detect::Instance;

use crate::bench::Bench;
use crate::crossing::RUNS;
use crate::host::Host;
use crate::instance::{judge, started};
use crate::records::usual;
use crate::report::Row;
use crate::timing::{Time, take_turns};

pub fn measure(bench: &mut Bench) {
    bench
        .report
        .group("Deadlines: a call of each, compiled with epochs and without");
    let records = usual(&bench.log);
    let hosts = [
        Host::without_deadlines(&bench.built.default, 1),
        bench.host(1),
    ];
    let [mut without, mut with] = hosts.each_ref().map(instances);
    let all = |instances: &mut [Instance]| {
        instances.iter_mut().fold(Time::NOTHING, |time, instance| {
            time.plus(judge(instance, &records))
        })
    };
    let [without, with] = take_turns(RUNS, [&mut || all(&mut without), &mut || all(&mut with)]);
    let calls = (records.len() * hosts[0].generation.detectors.len()) as u64;
    let rows = [
        Row::each("without", without, calls),
        Row::each("with", with, calls).against_each("without", without, calls),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}

fn instances(host: &Host) -> Vec<Instance> {
    let detectors = host.generation.detectors.iter();
    detectors
        .map(|detector| started(&host.services, detector))
        .collect()
}
