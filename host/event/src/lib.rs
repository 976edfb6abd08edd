//! The events that detectors judge, their packed form, and an event on its way through the host.
//!
//! There are three families of events. This crate knows the types of each, but neither where
//! events come from nor who judges them. The host and the SDK share it; it depends on the host's
//! WebAssembly engine only with the feature `component`.

#[macro_use]
pub mod packed;

mod actor;
pub mod address;
mod family;
pub mod model;
mod partition;
#[cfg(feature = "record")]
mod record;

pub use actor::{actor, runtime_actor};
pub use family::{Event, Family};
pub use partition::{PARTITIONS, partition_of};
#[cfg(feature = "record")]
pub use record::{Cited, Origin, Record};
