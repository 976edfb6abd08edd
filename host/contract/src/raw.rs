//! The interface `raw`.

use std::fmt;

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// The reason why the host did not return an event's text.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum RawError {
    /// The event is not in the batch.
    #[cfg_attr(feature = "component", component(name = "unknown-event"))]
    UnknownEvent,
    /// The text is not a JSON pointer (RFC 6901).
    #[cfg_attr(feature = "component", component(name = "invalid-pointer"))]
    InvalidPointer,
    /// The value exceeds the given limit of the host, in bytes.
    #[cfg_attr(feature = "component", component(name = "too-large"))]
    TooLarge(u64),
}

impl fmt::Display for RawError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("raw: the event is not in the batch"),
            Self::InvalidPointer => formatter.write_str("raw: the text is not a JSON pointer"),
            Self::TooLarge(limit) => {
                write!(formatter, "raw: the value is larger than {limit} bytes")
            }
        }
    }
}

impl std::error::Error for RawError {}
