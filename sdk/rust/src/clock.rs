//! Event time.

use crate::calls;
use crate::view::Timestamp;

/// Returns the newest time among the events that this instance has received, including the current
/// batch. It never decreases. Rules compare the times of the events themselves; this is for
/// housekeeping.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_nanoseconds(calls::now())
}
