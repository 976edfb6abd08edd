//! The names of events.

use super::{AuditEvent, RuntimeEvent, Signal};

/// Names one event to the host. Detectors get references from events and from
/// the windows that they keep in [`crate::state`], and can make none up: the host
/// refuses a finding that cites any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef(u64);

impl EventRef {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number that the contract has for it, for logs and comparisons.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// What has a reference: every kind of event, and the reference itself.
pub trait Referenced {
    /// The event's reference.
    fn reference(&self) -> EventRef;
}

impl Referenced for EventRef {
    fn reference(&self) -> EventRef {
        *self
    }
}

impl<R: Referenced> Referenced for &R {
    fn reference(&self) -> EventRef {
        (*self).reference()
    }
}

macro_rules! referenced {
    ($($view:ident)*) => {$(
        impl Referenced for $view<'_> {
            fn reference(&self) -> EventRef {
                (*self).reference()
            }
        }
    )*};
}

referenced!(AuditEvent RuntimeEvent Signal);
