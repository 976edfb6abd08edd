//! The cost of handing events to a detector, as records and as packed bytes.
//!
//! The detector is `anonymous-access`, which reads little more than the user, built to export
//! both interfaces. It receives all events, regardless of its subscriptions.

use std::sync::Arc;

use wardline::app::Composition;
use wardline::config::Config;
use wardline_detect::Detector;
use wardline_event::Record;
use wardline_event::packed::{assemble, pack};
use wardline_sdk::{Detector as _, Settings, run};

use crate::bench::Bench;
use crate::instance::{BATCH, judge, started};
use crate::records::{usual, widest};
use crate::report::Row;
use crate::timing::{take_turns, timed};
use crate::transport::{load, typed};

/// The number of runs; each takes about a millisecond.
pub const RUNS: usize = 25;

pub fn measure(bench: &mut Bench) {
    let (composition, both) = load(&Config::defaults().unwrap(), &bench.built.typed, None);
    let only_typed = typed(&both);
    let (usual, wide) = (usual(&bench.log), widest(&bench.log));
    let packed = &both.detectors[0];
    let records_only = &only_typed.detectors[0];
    for (which, events, target) in [("usual", usual, None), ("the widest", wide, Some(0.1))] {
        compare(
            bench,
            &composition,
            [records_only, packed],
            which,
            &events,
            target,
        );
    }
}

fn compare(
    bench: &mut Bench,
    composition: &Composition,
    [typed, packed]: [&Detector; 2],
    which: &str,
    records: &[Arc<Record>],
    target: Option<f64>,
) {
    let count = records.len() as u64;
    let bytes: usize = records
        .iter()
        .map(|record| record.packed().map_or(0, <[u8]>::len))
        .sum();
    let services = &composition.services;
    let (mut typed, mut packed) = (started(services, typed), started(services, packed));
    let mut native = native();
    let [packing, typed, packed, native] = take_turns(
        RUNS,
        [
            &mut || {
                timed(|| {
                    for record in records {
                        std::hint::black_box(
                            pack(&**record.as_audit().expect("an audit event"))
                                .map(|bytes| bytes.len())
                                .ok(),
                        );
                    }
                })
            },
            &mut || judge(&mut typed, records),
            &mut || judge(&mut packed, records),
            &mut || timed(|| native(records)),
        ],
    );
    bench.report.group(&format!(
        "Handing events to one detector, {which}: {} bytes each when packed",
        bytes as u64 / count.max(1)
    ));
    let row = |name, time| Row::each(name, time, count);
    let mut crossing = row("a call, packed", packed).against_each("as records", typed, count);
    if let Some(target) = target {
        crossing = crossing.at_most(target);
    }
    let rows = [
        row("packing, once for all detectors", packing),
        row("a call, as records", typed),
        crossing,
        row("the same natively, assembled from packed events", native).against_each(
            "a call, packed",
            packed,
            count,
        ),
    ];
    rows.into_iter().for_each(|row| bench.report.add(row));
}

fn native() -> impl FnMut(&[Arc<Record>]) {
    let settings = Settings::new(Vec::new());
    let mut detector =
        anonymous_access::AnonymousAccess::configure(&settings).expect("it has no settings");
    let mut bytes = Vec::new();
    move |records| {
        for batch in records.chunks(BATCH) {
            let events = batch.iter().map(|record| record.packed().expect("packed"));
            assemble::<wardline_event::model::AuditEvent>(events, &mut bytes).expect("a batch");
            run::packed_audit_events(&mut detector, &bytes).expect("it judges");
        }
    }
}
