//! Events as records, for measurements without the pipeline.

use std::cmp::Reverse;
use std::sync::Arc;

use wardline_decode::decode;
use wardline_event::model::AuditEvent;
use wardline_event::{Origin, Record};

use crate::log::Log;
use crate::read::LIMITS;

/// The number of records: few enough that their copies stay in the processor's caches, as those
/// of a freshly decoded batch do.
const COUNT: usize = 640;

/// The number of events from which the records are chosen.
const CHOICE: usize = 8_192;

/// Records from all parts of a log.
pub fn usual(log: &Log) -> Vec<Arc<Record>> {
    let records = choice(log);
    let step = (records.len() / COUNT).max(1);
    records.into_iter().step_by(step).take(COUNT).collect()
}

/// The records with the most facts.
pub fn widest(log: &Log) -> Vec<Arc<Record>> {
    let mut records = choice(log);
    records.sort_by_key(|record| Reverse(record.packed().map_or(0, <[u8]>::len)));
    records.truncate(COUNT);
    records
}

/// Events from all parts of a log, with all facts, in order.
fn choice(log: &Log) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    let step = (log.events() as usize).div_ceil(CHOICE).max(1);
    for line in log.lines().step_by(step) {
        decode(line, &LIMITS, &mut |result| {
            let number = records.len() as u64 + 1;
            records.extend(result.ok().map(|decoded| record(number, decoded.event)));
        });
    }
    records
}

/// Makes a record of an event, as the pipeline would.
pub fn record(number: u64, mut event: AuditEvent) -> Arc<Record> {
    event.ref_ = number;
    let origin = Origin {
        source: "log".into(),
        line: number,
    };
    let record = Record::audit(event, "{}".into(), "".into(), origin);
    Arc::new(Record {
        first_answer: true,
        ..record
    })
}
