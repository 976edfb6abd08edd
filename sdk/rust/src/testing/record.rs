//! Events in the host's order.

use std::sync::Arc;

use wardline_event::{Origin, Record, partition_of};
use wardline_order::{Sequenced, Sequencer, unplaced};

use super::TestError;
use crate::contract::{AuditEvent, EventRef, RuntimeEvent, Signal, Stage, Timestamp};

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
        self.take(event, text)
    }

    /// Sequences a runtime event. The actor is the container, or the node outside of one.
    pub fn runtime(&mut self, event: &mut RuntimeEvent) -> Result<Record, TestError> {
        let actor = match &event.container {
            Some(container) => format!("container:{}", container.id),
            None => format!("node:{}", event.node),
        };
        event.ref_ = self.sequencer.next_reference();
        let id = format!("runtime-{}", event.ref_);
        self.other(event.ref_, id, actor, event.time)
    }

    /// Sequences a signal. The actor is that of the finding.
    pub fn signal(&mut self, signal: &mut Signal) -> Result<Record, TestError> {
        signal.ref_ = self.sequencer.next_reference();
        if signal.finding_id.is_empty() {
            signal.finding_id = format!("signal-{}", signal.ref_);
        }
        let (id, actor) = (signal.finding_id.clone(), signal.actor.clone());
        self.other(signal.ref_, id, actor, signal.time)
    }

    /// Sequences an event of a family for which the host has no records yet. The record holds what
    /// state and findings need: the id, the actor, and the time.
    fn other(
        &mut self,
        reference: EventRef,
        id: String,
        actor: String,
        time: Timestamp,
    ) -> Result<Record, TestError> {
        let event = AuditEvent {
            // The id of a signal may be repeated, so it is set below.
            audit_id: format!("other-{reference}"),
            stage: Stage::ResponseComplete,
            time,
            ..AuditEvent::default()
        };
        let mut record = self.take(event, String::new())?;
        Arc::make_mut(&mut record.event).audit_id = id;
        record.partition = partition_of(&actor);
        record.actor = actor.into();
        Ok(record)
    }

    fn take(&mut self, event: AuditEvent, text: String) -> Result<Record, TestError> {
        self.line += 1;
        let origin = Origin {
            source: "test".into(),
            line: self.line,
        };
        let id = event.audit_id.clone();
        match self.sequencer.take(unplaced(event, text.into(), origin)) {
            Sequenced::Record(record) => Ok(record),
            Sequenced::Duplicate => Err(TestError::Duplicate(id)),
        }
    }
}
