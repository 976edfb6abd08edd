//! The families of events.

use std::sync::Arc;

use crate::model::{AuditEvent, EventRef, RuntimeEvent, Signal, Timestamp};
use crate::packed::{TooLarge, pack_into};

/// A family of events. Each has its own type in the contract, its own subscriptions, and its own
/// function of a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Requests to the API server.
    Audit,
    /// Actions of processes on a node.
    Runtime,
    /// Findings of other detectors.
    Signal,
}

impl Family {
    /// Returns the name in texts: "subscribes to audit events".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Runtime => "runtime",
            Self::Signal => "signal",
        }
    }
}

/// One event as the contract defines it.
#[derive(Debug, Clone)]
pub enum Event {
    /// A request to the API server, at one stage.
    Audit(Arc<AuditEvent>),
    /// An action of a process on a node.
    Runtime(Arc<RuntimeEvent>),
    /// A finding of another detector.
    Signal(Arc<Signal>),
}

impl Event {
    /// Returns the family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Audit(_) => Family::Audit,
            Self::Runtime(_) => Family::Runtime,
            Self::Signal(_) => Family::Signal,
        }
    }

    /// Returns the reference.
    #[must_use]
    pub fn reference(&self) -> EventRef {
        match self {
            Self::Audit(event) => event.ref_,
            Self::Runtime(event) => event.ref_,
            Self::Signal(signal) => signal.ref_,
        }
    }

    /// Sets the reference. An event that is not shared yet is not copied.
    pub fn set_reference(&mut self, reference: EventRef) {
        match self {
            Self::Audit(event) => Arc::make_mut(event).ref_ = reference,
            Self::Runtime(event) => Arc::make_mut(event).ref_ = reference,
            Self::Signal(signal) => Arc::make_mut(signal).ref_ = reference,
        }
    }

    /// Returns the time: of an audit event that of its stage, or of its request if the source has
    /// no time for the stage.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Audit(event) if event.time == 0 => event.request_time,
            Self::Audit(event) => event.time,
            Self::Runtime(event) => event.time,
            Self::Signal(signal) => signal.time,
        }
    }

    /// Appends the packed form.
    ///
    /// # Errors
    /// The same as [`pack_into`].
    pub fn pack_into(&self, bytes: &mut Vec<u8>) -> Result<(), TooLarge> {
        match self {
            Self::Audit(event) => pack_into(&**event, bytes),
            Self::Runtime(event) => pack_into(&**event, bytes),
            Self::Signal(signal) => pack_into(&**signal, bytes),
        }
    }
}
