//! The time of the events.

use crate::calls;
use crate::view::Timestamp;

/// The newest time among the events that this instance has been handed, the
/// present batch included; it never goes back. Rules compare the events' own
/// times, and keep this for housekeeping.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_nanoseconds(calls::now())
}
