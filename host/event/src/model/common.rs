//! What events share.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};
#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// Nanoseconds since the Unix epoch, UTC. Zero means that the source did not say.
pub type Timestamp = u64;

/// A length of time in nanoseconds.
pub type Duration = u64;

/// Names one event to the host; unique and increasing while the host runs.
pub type EventRef = u64;

/// One `key = value` pair of an open list. Keys are never reused for
/// another meaning.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Attribute {
    pub key: String,
    pub value: String,
}

/// One field that made a rule fire, with the value it had.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(record)
)]
pub struct Evidence {
    /// The event that the field belongs to.
    pub event: EventRef,
    /// Where the value stands in the event, as its source writes it:
    /// `user.username`, `requestObject.spec.hostPID`.
    pub field: String,
    /// The value, as text. The host cuts it to its limit and treats it as
    /// untrusted.
    pub value: String,
}
