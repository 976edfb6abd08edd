//! The events that detectors judge, and how they are read from what a source
//! delivers.
//!
//! A crate of its own because two need it: the host, and the SDK's native test
//! harness, which must not depend on the host's engine.

#[macro_use]
pub mod packed;

mod actor;
pub mod address;
#[cfg(feature = "decode")]
pub mod decode;
#[cfg(feature = "decode")]
pub mod lesson;
pub mod model;

pub use actor::actor;
