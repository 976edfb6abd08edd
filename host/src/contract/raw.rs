//! `raw` of the contract.

use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(Debug, Clone, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub enum RawError {
    /// The event is not one of the batch.
    #[component(name = "unknown-event")]
    UnknownEvent,
    /// The pointer is not of RFC 6901.
    #[component(name = "invalid-pointer")]
    InvalidPointer,
    /// The value is larger than the host's limit, which is given in bytes.
    #[component(name = "too-large")]
    TooLarge(u64),
}
