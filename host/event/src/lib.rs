//! The events that detectors judge, and their packed form.
//!
//! The host and the SDK share this crate. It does not decode events, and depends on the host's
//! WebAssembly engine only with the feature `component`.

#[macro_use]
pub mod packed;

mod actor;
pub mod address;
pub mod model;
mod partition;
#[cfg(feature = "record")]
mod record;

pub use actor::actor;
pub use partition::{PARTITIONS, partition_of};
#[cfg(feature = "record")]
pub use record::{Origin, Record};
