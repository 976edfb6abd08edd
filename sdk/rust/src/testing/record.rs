//! Events in the host's order.

use std::sync::Arc;

use wardline_event::{Origin, Record};
use wardline_order::{Sequenced, Sequencer};

use super::TestError;
use crate::contract::{AuditEvent, ObjectReference, RuntimeEvent, Signal, Stage, User};

/// The host's sequencer, for the events of a test.
pub(super) struct Sequence {
    /// The cluster of the next events.
    pub cluster: Arc<str>,
    sequencer: Sequencer,
    source: Arc<str>,
    line: u64,
}

impl Default for Sequence {
    fn default() -> Self {
        Self {
            cluster: Arc::from(""),
            sequencer: Sequencer::default(),
            source: Arc::from("test"),
            line: 0,
        }
    }
}

impl Sequence {
    /// Sequences an audit event. An event without an id gets one. `text` is its JSON, and empty if
    /// the test built the event.
    pub fn audit(&mut self, mut event: AuditEvent, text: String) -> Result<Arc<Record>, TestError> {
        if event.audit_id.is_empty() {
            event.audit_id = format!("audit-{}", self.sequencer.next_reference());
        }
        let record = Record::audit(event, text.into(), self.cluster(), self.origin());
        self.take(record)
    }

    /// Sequences a runtime event.
    pub fn runtime(&mut self, event: RuntimeEvent) -> Result<Arc<Record>, TestError> {
        let id = format!("runtime-{}", self.sequencer.next_reference());
        let text = String::new();
        let record = Record::runtime(event, &id, text.into(), self.cluster(), self.origin());
        self.take(record)
    }

    /// Sequences a signal, after an event that its finding is about: a request of the finding's
    /// actor for its resource.
    pub fn signal(&mut self, mut signal: Signal) -> Result<Arc<Record>, TestError> {
        let about = self.audit(
            AuditEvent {
                stage: Stage::ResponseComplete,
                time: signal.time,
                user: User {
                    username: signal.actor.clone(),
                    ..User::default()
                },
                object: Some(ObjectReference {
                    resource: signal.resource.clone(),
                    namespace: signal.namespace.clone(),
                    name: signal.name.clone(),
                    ..ObjectReference::default()
                }),
                ..AuditEvent::default()
            },
            String::new(),
        )?;
        if signal.finding_id.is_empty() {
            signal.finding_id = format!("signal-{}", self.sequencer.next_reference());
        }
        self.take(Record::signal(signal, String::new().into(), &about))
    }

    fn cluster(&self) -> Arc<str> {
        Arc::clone(&self.cluster)
    }

    fn origin(&mut self) -> Origin {
        self.line += 1;
        Origin {
            source: Arc::clone(&self.source),
            line: self.line,
        }
    }

    fn take(&mut self, record: Record) -> Result<Arc<Record>, TestError> {
        let id = Arc::clone(&record.event_id);
        match self.sequencer.take(record) {
            Sequenced::Record(record) | Sequenced::ReusedId(record) => Ok(Arc::new(record)),
            Sequenced::Duplicate => Err(TestError::Duplicate(id.as_ref().to_owned())),
        }
    }
}
