//! An event on its way to the detectors.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::model::{AuditEvent, EventRef, RuntimeEvent, Signal, Timestamp};
use crate::packed::TooLarge;
use crate::{Event, Family, actor, partition_of, runtime_actor};

/// The line an event was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The name of the source; for a scan, the path of the file.
    pub source: Arc<str>,
    /// The line number, from 1 where the host began to read.
    pub line: u64,
}

/// One event in the host's order, shared by all detectors that judge it.
#[derive(Debug)]
pub struct Record {
    /// The event as the contract defines it. Its reference is zero until the event is sequenced,
    /// then unique and increasing.
    pub event: Event,
    /// The id by which findings cite the event: the audit id, the id of a runtime event, or the id
    /// of the finding that a signal carries.
    pub event_id: Arc<str>,
    /// The name of the cluster that the event came from; may be empty.
    pub cluster: Arc<str>,
    /// The identity that acted: the authenticated user name, or `address:IP` for an
    /// unauthenticated peer; a container or a node; for a signal, the actor of its finding.
    pub actor: Arc<str>,
    /// The partition of the actor, below [`crate::PARTITIONS`].
    pub partition: u8,
    /// The JSON text as the source wrote it, or the translation of an event that a cloud keeps in
    /// another form; for a signal, the finding. It may hold the memory of neighboring lines, so
    /// drop it with the chunk.
    pub raw: Bytes,
    /// Whether this is the first stage of its request with an answer; false for all but audit
    /// events.
    pub first_answer: bool,
    /// For a signal, the event that its finding is about; never itself a signal.
    pub about: Option<Arc<Record>>,
    /// The line it was read from; for a signal, that of the event that its finding is about.
    pub origin: Origin,
    /// The result of [`Record::packed`], once it was requested.
    pub packed: OnceLock<Result<Vec<u8>, TooLarge>>,
}

impl Record {
    /// Creates the record of an audit event that has no reference yet.
    #[must_use]
    pub fn audit(event: AuditEvent, raw: Bytes, cluster: Arc<str>, origin: Origin) -> Self {
        let event_id = Arc::from(event.audit_id.as_str());
        let actor = Arc::from(actor(&event));
        let event = Event::Audit(Arc::new(event));
        Self::new(event, event_id, cluster, actor, raw, origin)
    }

    /// Creates the record of a runtime event that has no reference yet. `id` identifies it to its
    /// source.
    #[must_use]
    pub fn runtime(
        event: RuntimeEvent,
        id: &str,
        raw: Bytes,
        cluster: Arc<str>,
        origin: Origin,
    ) -> Self {
        let actor = Arc::from(runtime_actor(&event));
        let event = Event::Runtime(Arc::new(event));
        Self::new(event, Arc::from(id), cluster, actor, raw, origin)
    }

    /// Creates the record of a signal that has no reference yet. `about` is the record that its
    /// finding cites first, and `finding` the finding as JSON.
    #[must_use]
    pub fn signal(signal: Signal, finding: Bytes, about: &Arc<Self>) -> Self {
        let about = about.about.as_ref().unwrap_or(about);
        Self {
            event_id: Arc::from(signal.finding_id.as_str()),
            event: Event::Signal(Arc::new(signal)),
            cluster: Arc::clone(&about.cluster),
            actor: Arc::clone(&about.actor),
            partition: about.partition,
            raw: finding,
            first_answer: false,
            origin: about.origin.clone(),
            about: Some(Arc::clone(about)),
            packed: OnceLock::new(),
        }
    }

    fn new(
        event: Event,
        event_id: Arc<str>,
        cluster: Arc<str>,
        actor: Arc<str>,
        raw: Bytes,
        origin: Origin,
    ) -> Self {
        Self {
            event,
            event_id,
            partition: partition_of(&cluster, &actor),
            cluster,
            actor,
            raw,
            first_answer: false,
            about: None,
            origin,
            packed: OnceLock::new(),
        }
    }

    /// Returns the family of the event.
    #[must_use]
    pub fn family(&self) -> Family {
        self.event.family()
    }

    /// Returns the event if it is an audit event.
    #[must_use]
    pub fn as_audit(&self) -> Option<&Arc<AuditEvent>> {
        match &self.event {
            Event::Audit(event) => Some(event),
            Event::Runtime(_) | Event::Signal(_) => None,
        }
    }

    /// Returns the event from which a finding takes its actor and resource: for a signal, the one
    /// that its finding is about, otherwise the event itself.
    #[must_use]
    pub fn subject(&self) -> &Self {
        self.about.as_deref().unwrap_or(self)
    }

    /// Returns the reference of the event.
    #[must_use]
    pub fn reference(&self) -> EventRef {
        self.event.reference()
    }

    /// Returns the JSON text as a string.
    #[must_use]
    pub fn raw_text(&self) -> &str {
        // Only UTF-8 is decoded.
        std::str::from_utf8(&self.raw).unwrap_or_default()
    }

    /// Returns the event in packed form. It is packed once for all detectors that read it in
    /// place.
    ///
    /// # Errors
    /// The same as [`crate::packed::pack_into`].
    pub fn packed(&self) -> Result<&[u8], TooLarge> {
        self.packed
            .get_or_init(|| {
                // The packed form is usually smaller than the JSON text.
                let mut bytes = Vec::with_capacity(self.raw.len());
                self.event.pack_into(&mut bytes).map(|()| bytes)
            })
            .as_deref()
            .map_err(|&error| error)
    }

    /// Returns the time of the event.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.event.time()
    }
}

/// An event that a finding cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The event's id: that of an audit event, of a runtime event, or of the finding that a signal
    /// carries.
    pub id: Arc<str>,
    /// The event's time.
    pub time: Timestamp,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Origin, Record};
    use crate::Family;
    use crate::model::{AuditEvent, Signal, User};

    fn signal(id: &str, about: &Arc<Record>) -> Arc<Record> {
        let signal = Signal {
            finding_id: id.into(),
            ..Signal::default()
        };
        Arc::new(Record::signal(signal, "{}".into(), about))
    }

    #[test]
    fn signal_has_the_actor_of_the_event_at_its_root() {
        let event = AuditEvent {
            audit_id: "a".into(),
            user: User {
                username: "alice".into(),
                ..User::default()
            },
            ..AuditEvent::default()
        };
        let origin = Origin {
            source: "test".into(),
            line: 7,
        };
        let mut root = Record::audit(event, "{}".into(), "east".into(), origin);
        root.event.set_reference(3);
        let root = Arc::new(root);
        let second = signal("two", &signal("one", &root));
        assert_eq!(second.family(), Family::Signal);
        assert_eq!(second.event_id.as_ref(), "two");
        assert_eq!(second.subject().reference(), 3);
        assert_eq!(second.actor.as_ref(), "alice");
        assert_eq!(second.cluster.as_ref(), "east");
        assert_eq!(second.partition, root.partition);
        assert_eq!(second.origin.line, 7);
    }
}
