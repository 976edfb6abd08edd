//! References to events.

use super::{AuditEvent, RuntimeEvent, Signal};

/// A reference to one event within the host. Detectors get references from events and from windows
/// in [`crate::state`]; the host refuses a finding that cites any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventRef(u64);

impl EventRef {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the contract's number of the event, for logs and comparisons.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// An event of any family, or a reference to one.
pub trait Referenced {
    /// Returns the event's reference.
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
