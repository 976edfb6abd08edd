//! The events that detectors judge, their packed form, and their decoding from
//! the lines of a source.
//!
//! The host and the SDK's native test harness share this crate; the harness must
//! not depend on the host's WebAssembly engine.

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
