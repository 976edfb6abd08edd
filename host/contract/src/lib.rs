//! The types of `wit/v0.1` that the host and a detector exchange, apart from events.
//!
//! The host and the SDK share this crate. It depends on the host's WebAssembly engine only with the
//! feature `component`.

mod descriptor;
mod finding;
mod intel;
mod interface;
mod limits;
mod log;
mod raw;
mod state;

pub use descriptor::*;
pub use finding::*;
pub use intel::*;
pub use interface::*;
pub use limits::*;
pub use log::*;
pub use raw::*;
pub use state::*;
