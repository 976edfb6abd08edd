//! What crosses the boundary between the host and a detector, apart from events:
//! the types of `wit/v0.1` as Rust types.

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
