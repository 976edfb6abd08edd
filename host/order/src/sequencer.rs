//! Numbers events.

use std::sync::Arc;

use wardline_event::model::{Attribute, EventRef, Timestamp};
use wardline_event::{Event, Record};

use super::audit::AuditOrder;
use super::clock::Clocks;

/// The meta key of the next reference.
const NEXT: &str = "sequence/next";

/// A saved value is damaged.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the saved order of events is damaged (`{key}` has an unexpected length of {length} bytes)"
)]
pub struct SequencerError {
    pub(super) key: String,
    pub(super) length: usize,
}

/// The result of sequencing an event.
pub enum Sequenced {
    /// The event with its reference.
    Record(Record),
    /// The event with its reference. Its audit id is that of a recent request by another user, with
    /// another verb, or for another URI: a client chose it.
    ReusedId(Record),
    /// The event was seen before.
    Duplicate,
}

/// Assigns references to the events of all families, beginning with 1.
pub struct Sequencer {
    next: EventRef,
    audit: AuditOrder,
    clocks: Clocks,
    /// The number of events whose own times are wrong.
    skewed: u64,
}

impl Default for Sequencer {
    fn default() -> Self {
        Self {
            next: 1,
            audit: AuditOrder::default(),
            clocks: Clocks::default(),
            skewed: 0,
        }
    }
}

impl Sequencer {
    /// Resumes from what [`Self::save`] returned. `load` returns a saved value.
    ///
    /// # Errors
    /// Returns [`SequencerError`] if a saved value is damaged.
    pub fn restore(mut load: impl FnMut(&str) -> Option<Vec<u8>>) -> Result<Self, SequencerError> {
        let mut sequencer = Self {
            next: 1,
            audit: AuditOrder::restore(&mut load)?,
            ..Self::default()
        };
        if let Some(saved) = load(NEXT) {
            let bytes: [u8; 8] = saved.as_slice().try_into().map_err(|_| SequencerError {
                key: NEXT.to_owned(),
                length: saved.len(),
            })?;
            sequencer.next = EventRef::from_le_bytes(bytes);
        }
        Ok(sequencer)
    }

    /// Bounds the times of events by those of the host, for events that happen while they are read.
    /// Times are in nanoseconds since 1970.
    #[must_use]
    pub fn bounded_by(mut self, host: fn() -> Timestamp) -> Self {
        self.clocks.bound(host);
        self
    }

    /// Returns how many events had wrong times since the last call. They count as having happened at
    /// the latest time that is believed; their own, in nanoseconds, is the attribute
    /// `stageTimestamp`.
    pub fn take_skewed(&mut self) -> u64 {
        std::mem::take(&mut self.skewed)
    }

    /// Returns the changes to save for the next start. The events seen are included only if
    /// this sequencer was created by [`Self::restore`].
    pub fn save(&mut self) -> Vec<(String, Vec<u8>)> {
        let mut values = vec![(NEXT.to_owned(), self.next.to_le_bytes().to_vec())];
        values.extend(self.audit.save());
        values
    }

    /// Returns the reference of the next event.
    #[must_use]
    pub fn next_reference(&self) -> EventRef {
        self.next
    }

    /// Sequences the next event, whose record has no reference yet.
    pub fn take(&mut self, mut record: Record) -> Sequenced {
        let mut is_id_reused = false;
        if let Event::Audit(event) = &mut record.event {
            match self.audit.take(&record.cluster, event, &record.raw) {
                Some(taken) => {
                    record.first_answer = taken.is_first_answer;
                    is_id_reused = taken.is_id_reused;
                }
                None => return Sequenced::Duplicate,
            }
            let own = match event.time {
                0 => event.request_time,
                time => time,
            };
            let (time, is_skewed) = self.clocks.note(&record.cluster, own);
            self.skewed += u64::from(is_skewed);
            if time != own {
                let event = Arc::make_mut(event);
                if is_skewed {
                    event.attributes.push(Attribute {
                        key: "stageTimestamp".to_owned(),
                        value: own.to_string(),
                    });
                }
                event.time = time;
            }
        }
        record.event.set_reference(self.next);
        self.next += 1;
        if is_id_reused {
            Sequenced::ReusedId(record)
        } else {
            Sequenced::Record(record)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_event::model::{AuditEvent, Signal, Stage, User};

    use super::{Sequenced, Sequencer};
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
        take_of("", sequencer, event)
    }

    fn take_of(cluster: &str, sequencer: &mut Sequencer, event: AuditEvent) -> Option<Record> {
        let origin = Origin {
            source: "test".into(),
            line: 1,
        };
        match sequencer.take(Record::audit(event, "{}".into(), cluster.into(), origin)) {
            Sequenced::Record(record) | Sequenced::ReusedId(record) => Some(record),
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
    fn clusters_have_their_own_requests() {
        let mut sequencer = Sequencer::default();
        let mut first = |cluster, stage| {
            take_of(cluster, &mut sequencer, event("a", stage)).map(|record| record.first_answer)
        };
        assert_eq!(first("east", Stage::ResponseStarted), Some(true));
        assert_eq!(first("west", Stage::ResponseComplete), Some(true));
        assert_eq!(first("east", Stage::ResponseComplete), Some(false));
        assert_eq!(first("west", Stage::ResponseStarted), Some(true));
        assert_eq!(first("east", Stage::ResponseStarted), None);
    }

    #[test]
    fn other_families_are_numbered_in_the_same_order() {
        let mut sequencer = Sequencer::default();
        let record = take(&mut sequencer, event("a", Stage::ResponseComplete)).unwrap();
        let signal = Record::signal(Signal::default(), "{}".into(), &Arc::new(record));
        let Sequenced::Record(signal) = sequencer.take(signal) else {
            panic!("a signal is never a duplicate");
        };
        assert_eq!(signal.reference(), 2);
        let next = take(&mut sequencer, event("b", Stage::ResponseComplete)).unwrap();
        assert_eq!(next.reference(), 3);
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
        for cluster in ["", "east"] {
            take_of(cluster, &mut before, event("watch", Stage::ResponseStarted));
        }
        let saved: std::collections::HashMap<_, _> = before.save().into_iter().collect();
        let mut after = Sequencer::restore(|key| saved.get(key).cloned()).unwrap();
        assert!(
            take(&mut after, event("watch", Stage::ResponseStarted)).is_none(),
            "the event was seen before the restart"
        );
        let end = take(&mut after, event("watch", Stage::ResponseComplete)).unwrap();
        assert_eq!(end.reference(), 3);
        assert!(
            !end.first_answer,
            "the watch was answered before the restart"
        );
        let end = event("watch", Stage::ResponseComplete);
        assert!(!take_of("east", &mut after, end).unwrap().first_answer);
        assert!(Sequencer::restore(|key| (key == "sequence/next").then(|| vec![1])).is_err());
    }
}
