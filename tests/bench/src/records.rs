//! Events as records, for what is measured without the pipeline.

use std::sync::{Arc, OnceLock};

use wardline::route::{Origin, Record};
use wardline_event::decode::decode;
use wardline_event::model::AuditEvent;

use crate::log::Log;
use crate::read::LIMITS;

/// At most so many events from all parts of a log, with all facts, in order.
pub fn events(log: &Log, count: usize) -> Vec<AuditEvent> {
    let mut events = Vec::new();
    let step = (log.events() as usize).div_ceil(count).max(1);
    for line in log.lines().step_by(step) {
        decode(line, &LIMITS, &mut |result| {
            events.extend(result.ok().map(|decoded| decoded.event));
        });
    }
    events
}

/// One event, as if it had come through the pipeline.
pub fn record(number: u64, mut event: AuditEvent) -> Arc<Record> {
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
}
