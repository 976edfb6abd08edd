//! Events in the host's order.

use std::sync::Arc;

use wardline_event::{Origin, Record, partition_of};
use wardline_order::{Sequenced, Sequencer};

use super::TestError;
use crate::contract::{AuditEvent, RuntimeEvent, Signal};

/// The host's sequencer, for events of all families.
#[derive(Default)]
pub(super) struct Sequence {
    sequencer: Sequencer,
    line: u64,
}

impl Sequence {
    /// Sequences an audit event. An event without an id gets one. `text` is its JSON, and empty if
    /// the test built the event.
    pub fn audit(&mut self, mut event: AuditEvent, text: String) -> Result<Record, TestError> {
        if event.audit_id.is_empty() {
            event.audit_id = format!("audit-{}", self.sequencer.next_reference());
        }
        let origin = self.origin();
        self.take(Record::audit(event, text.into(), Arc::from(""), origin))
    }

    /// Sequences a runtime event, and sets its reference.
    pub fn runtime(&mut self, event: &mut RuntimeEvent) -> Result<Record, TestError> {
        event.ref_ = self.sequencer.next_reference();
        let id = format!("runtime-{}", event.ref_);
        let origin = self.origin();
        let record = Record::runtime(event.clone(), &id, "".into(), Arc::from(""), origin);
        self.take(record)
    }

    /// Sequences a signal, and sets its reference. A signal without a finding id gets one. It has
    /// the actor that it names, because the test has no event that its finding is about.
    pub fn signal(&mut self, signal: &mut Signal) -> Result<Record, TestError> {
        signal.ref_ = self.sequencer.next_reference();
        if signal.finding_id.is_empty() {
            signal.finding_id = format!("signal-{}", signal.ref_);
        }
        let about = AuditEvent {
            time: signal.time,
            ..AuditEvent::default()
        };
        let about = Record::audit(about, "".into(), Arc::from(""), self.origin());
        let mut record = Record::signal(signal.clone(), "".into(), &Arc::new(about));
        record.partition = partition_of(&record.cluster, &signal.actor);
        record.actor = Arc::from(signal.actor.as_str());
        self.take(record)
    }

    fn origin(&mut self) -> Origin {
        self.line += 1;
        Origin {
            source: "test".into(),
            line: self.line,
        }
    }

    fn take(&mut self, record: Record) -> Result<Record, TestError> {
        let id = record.event_id.to_string();
        match self.sequencer.take(record) {
            Sequenced::Record(record) => Ok(record),
            Sequenced::Duplicate => Err(TestError::Duplicate(id)),
        }
    }
}
