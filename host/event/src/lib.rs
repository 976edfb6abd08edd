//! The events that detectors judge, their packed form, and their decoding from
//! the lines of a source.
//!
//! The host and the SDK's native test harness share this crate; the harness must
//! not depend on the host's WebAssembly engine.

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
