//! The events that detectors judge, and how they are read from what a source
//! delivers.
//!
//! A crate of its own because two need it: the host, and the SDK's native test
//! harness, which must not depend on the host's engine.

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
