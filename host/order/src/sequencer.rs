//! Numbers events.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use wardline_event::model::{AuditEvent, EventRef, Stage};
use wardline_event::partition_of;
use wardline_event::{Origin, Record};

use super::open::Open;
use super::seen::Seen;

/// How many events are remembered at least, to drop duplicates: some minutes of a busy cluster.
///
/// A webhook gives up on a batch after about 80 seconds (five tries, 10 s after the first and
/// then 1.5 times as long each time), so that this is enough for 2,500 events a second.
const REMEMBERED: usize = 200_000;

/// The meta key of the next reference.
const NEXT: &str = "sequence/next";
/// The meta key of the open requests.
const OPEN: &str = "sequence/open";

/// A saved value is damaged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the saved order of events is damaged (`{key}` has an unexpected length of {length} bytes)"
)]
pub struct SequencerError {
    key: String,
    length: usize,
}

/// Creates the record of an event without a reference, on any thread.
#[must_use]
pub fn unplaced(event: AuditEvent, raw: Bytes, origin: Origin) -> Record {
    let actor: Arc<str> = Arc::from(wardline_event::actor(&event));
    let partition = partition_of(&actor);
    Record {
        event: Arc::new(event),
        raw,
        actor,
        partition,
        first_answer: false,
        origin,
        packed: OnceLock::new(),
    }
}

/// The result of sequencing an event.
pub enum Sequenced {
    /// The event with its reference.
    Record(Record),
    /// This stage of this request was seen before.
    Duplicate,
}

/// Assigns references to events, beginning with 1.
pub struct Sequencer {
    next: EventRef,
    seen: Seen,
    open: Open,
}

impl Default for Sequencer {
    fn default() -> Self {
        Self {
            next: 1,
            seen: Seen::new(REMEMBERED),
            open: Open::default(),
        }
    }
}

impl Sequencer {
    /// Resumes from what [`Self::save`] returned. `load` returns a saved value.
    ///
    /// # Errors
    /// Returns [`SequencerError`] if a saved value is damaged.
    pub fn restore(mut load: impl FnMut(&str) -> Option<Vec<u8>>) -> Result<Self, SequencerError> {
        let seen = Seen::restore(REMEMBERED, &mut load)
            .map_err(|(key, length)| SequencerError { key, length })?;
        let mut sequencer = Self {
            seen,
            ..Self::default()
        };
        if let Some(saved) = load(NEXT) {
            let bytes: [u8; 8] = saved.as_slice().try_into().map_err(|_| SequencerError {
                key: NEXT.to_owned(),
                length: saved.len(),
            })?;
            sequencer.next = EventRef::from_le_bytes(bytes);
        }
        if let Some(saved) = load(OPEN) {
            sequencer.open.restore(&saved);
        }
        Ok(sequencer)
    }

    /// Returns the changes to save for the next start. The events seen are included only if
    /// this sequencer was created by [`Self::restore`].
    pub fn save(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut values = vec![(NEXT.to_owned(), self.next.to_le_bytes().to_vec())];
        if let Some(open) = self.open.take_changed() {
            values.push((OPEN.to_owned(), open));
        }
        values.extend(self.seen.save());
        values
    }

    /// Returns the reference of the next event.
    #[must_use]
    pub fn next_reference(&self) -> EventRef {
        self.next
    }

    /// Sequences the next event, a record made by [`unplaced`].
    pub fn take(&mut self, mut record: Record) -> Sequenced {
        let event = &record.event;
        if !self.seen.insert(&event.audit_id, event.stage as u8) {
            return Sequenced::Duplicate;
        }
        record.first_answer = self.is_first_answer(event);
        // The record is not shared yet, so that nothing is copied.
        Arc::make_mut(&mut record.event).ref_ = self.next;
        self.next += 1;
        Sequenced::Record(record)
    }

    /// Returns whether this stage is the first with an answer. A request is answered once: at
    /// `ResponseStarted` if it continues (an exec, a watch, and every 401), otherwise at
    /// `ResponseComplete` or `Panic`.
    fn is_first_answer(&mut self, event: &AuditEvent) -> bool {
        match event.stage {
            Stage::RequestReceived => false,
            Stage::ResponseStarted => {
                let first = !self.open.contains(&event.audit_id);
                // A 401 ends with this stage.
                if event
                    .response
                    .as_ref()
                    .is_none_or(|response| response.code != 401)
                {
                    self.open.begin(&event.audit_id);
                }
                first
            }
            Stage::ResponseComplete | Stage::Panic => !self.open.end(&event.audit_id),
        }
    }
}

#[cfg(test)]
mod tests {
    use wardline_event::model::{AuditEvent, Stage, User};

    use super::{Sequenced, Sequencer, unplaced};
    use wardline_event::{Origin, Record};

    fn event(id: &str, stage: Stage) -> AuditEvent {
        AuditEvent {
            audit_id: id.into(),
            stage,
            source_ips: vec!["203.0.113.9".into(), "10.0.0.1".into()],
            ..AuditEvent::default()
        }
    }

    fn take(sequencer: &mut Sequencer, event: AuditEvent) -> Option<Record> {
        let origin = Origin {
            source: "test".into(),
            line: 1,
        };
        match sequencer.take(unplaced(event, "{}".into(), origin)) {
            Sequenced::Record(record) => Some(record),
            Sequenced::Duplicate => None,
        }
    }

    #[test]
    fn request_has_one_first_answer() {
        let mut sequencer = Sequencer::default();
        let mut first = |id, stage| take(&mut sequencer, event(id, stage)).unwrap().first_answer;
        assert!(!first("a", Stage::RequestReceived));
        assert!(first("a", Stage::ResponseStarted));
        assert!(!first("a", Stage::ResponseComplete));
        assert!(first("b", Stage::ResponseComplete));
        assert!(first("c", Stage::Panic));
    }

    #[test]
    fn references_increase_and_duplicates_get_none() {
        let mut sequencer = Sequencer::default();
        let one = take(&mut sequencer, event("a", Stage::ResponseComplete)).unwrap();
        assert!(take(&mut sequencer, event("a", Stage::ResponseComplete)).is_none());
        let two = take(&mut sequencer, event("b", Stage::ResponseComplete)).unwrap();
        assert_eq!((one.reference(), two.reference()), (1, 2));
    }

    #[test]
    fn actor_is_the_user_or_the_peer_address() {
        let mut sequencer = Sequencer::default();
        let nobody = take(&mut sequencer, event("a", Stage::ResponseStarted)).unwrap();
        assert_eq!(nobody.actor.as_ref(), "address:10.0.0.1");
        let mut named = event("b", Stage::ResponseComplete);
        named.user = User {
            username: "alice".into(),
            ..User::default()
        };
        assert_eq!(take(&mut sequencer, named).unwrap().actor.as_ref(), "alice");
    }

    #[test]
    fn resumes_after_a_restart() {
        let mut before = Sequencer::restore(|_| None).unwrap();
        take(&mut before, event("watch", Stage::ResponseStarted));
        let saved: std::collections::HashMap<_, _> = before.save().into_iter().collect();
        let mut after = Sequencer::restore(|key| saved.get(key).cloned()).unwrap();
        assert!(
            take(&mut after, event("watch", Stage::ResponseStarted)).is_none(),
            "the event was seen before the restart"
        );
        let end = take(&mut after, event("watch", Stage::ResponseComplete)).unwrap();
        assert_eq!(end.reference(), 2);
        assert!(
            !end.first_answer,
            "the watch was answered before the restart"
        );
        assert!(Sequencer::restore(|key| (key == "sequence/next").then(|| vec![1])).is_err());
    }
}
