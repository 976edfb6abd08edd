//! What it costs to hand events to a detector, as records and as packed bytes.
//!
//! The detector is `anonymous-access`, which looks at who asked and at little else, built
//! to export both. All events are handed to it, whatever it subscribes to.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wardline::app::Composition;
use wardline::config::Config;
use wardline::detect::{Detector, Instance};
use wardline::route::{Origin, Record};
use wardline_event::packed::pack;

use crate::log::Log;
use crate::report::Report;
use crate::transport::{build_typed, load, typed};
use crate::{best, timed};

/// Events in a call, as without a configuration.
const BATCH: usize = 64;

/// Events of the log that are measured: so few that their copies stay in the
/// processor's caches, as those of a batch do that was just decoded.
const EVENTS: usize = 640;

fn records(log: &Log) -> Vec<Arc<Record>> {
    let limits = wardline_event::decode::Limits {
        line_bytes: 2 << 20,
        depth: 128,
    };
    let mut events = Vec::new();
    for line in log.lines() {
        wardline_event::decode::decode(line, &limits, &mut |result| {
            events.extend(result.ok().map(|decoded| decoded.event));
        });
    }
    (1..)
        .zip(events)
        .map(|(number, mut event)| {
            event.ref_ = number;
            Arc::new(Record {
                event: Arc::new(event),
                raw: "{}".into(),
                actor: "alice".into(),
                partition: 0,
                first_answer: true,
                origin: Origin {
                    source: "log".into(),
                    line: number,
                },
                packed: OnceLock::new(),
            })
        })
        .collect()
}

fn crossing(composition: &Composition, detector: &Detector, records: &[Arc<Record>]) -> Duration {
    let mut instance = Instance::start(
        &detector.program,
        &detector.limits,
        &composition.services,
        &detector.state,
    )
    .expect("it starts");
    instance
        .configure(&detector.settings)
        .expect("it is configured");
    // The first call finds memory that was never used.
    let mut judge = || {
        timed(|| {
            for batch in records.chunks(BATCH) {
                instance.judge(batch).expect("it judges");
            }
        })
    };
    judge();
    (0..9).map(|_| judge()).min().unwrap_or_default()
}

pub fn measure(report: &mut Report, folder: &Path, log: &Log) {
    let plugins = folder.join("typed");
    build_typed(&["plugins/anonymous-access"], &plugins);
    let (composition, both) = load(&Config::defaults().unwrap(), &plugins, None);
    let only_typed = typed(&both);
    let mut records = records(log);
    records.truncate(records.len().min(40_000));
    let all: Vec<_> = records.iter().take(EVENTS).cloned().collect();
    records.sort_by_key(|record| std::cmp::Reverse(record.packed().map_or(0, <[u8]>::len)));
    let wide: Vec<_> = records.into_iter().take(EVENTS).collect();
    for (which, records) in [("the first", all), ("the widest", wide)] {
        let count = records.len() as u64;
        let bytes: usize = records
            .iter()
            .map(|record| record.packed().map_or(0, <[u8]>::len))
            .sum();
        report.section(&format!(
            "Handing {which} {count} events to a detector ({} bytes each when packed)",
            bytes as u64 / count.max(1)
        ));
        let packing = best(|| {
            timed(|| {
                for record in &records {
                    std::hint::black_box(pack(&*record.event).map(|bytes| bytes.len()).ok());
                }
            })
        });
        let typed = crossing(&composition, &only_typed.detectors[0], &records);
        let packed = crossing(&composition, &both.detectors[0], &records);
        report.each("packing, once for all detectors", packing, count, None);
        report.each("a call, as records", typed, count, None);
        report.each("a call, packed", packed, count, Some(typed));
    }
}
