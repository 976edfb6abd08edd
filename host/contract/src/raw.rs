//! `raw` of the contract.

use std::fmt;

#[cfg(feature = "component")]
use wasmtime::component::{ComponentType, Lift, Lower};

/// Why there is no text of the event.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "component",
    derive(ComponentType, Lift, Lower),
    component(variant)
)]
pub enum RawError {
    /// The event is not one of the batch.
    #[cfg_attr(feature = "component", component(name = "unknown-event"))]
    UnknownEvent,
    /// The pointer is not of RFC 6901.
    #[cfg_attr(feature = "component", component(name = "invalid-pointer"))]
    InvalidPointer,
    /// The value is larger than the host's limit, which is given in bytes.
    #[cfg_attr(feature = "component", component(name = "too-large"))]
    TooLarge(u64),
}

impl fmt::Display for RawError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent => formatter.write_str("raw: the event is not one of the batch"),
            Self::InvalidPointer => formatter.write_str("raw: the text is no JSON pointer"),
            Self::TooLarge(limit) => {
                write!(formatter, "raw: the value is larger than {limit} bytes")
            }
        }
    }
}

impl std::error::Error for RawError {}
