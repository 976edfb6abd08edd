//! The events of the contract (`wit/v0.1`) as Rust types: one struct for each
//! record, one field for each field, so that a host lowers them into a detector's
//! memory as they are. The WIT files say what each field promises.
//!
//! Each is defined once, by a macro of [`crate::packed`], which makes its typed and its
//! packed form of the same fields.

mod admission;
mod audit;
mod authorization;
mod common;
mod configuration;
mod exposure;
mod object;
mod runtime;
mod signal;
mod workload;

pub use admission::*;
pub use audit::*;
pub use authorization::*;
pub use common::*;
pub use configuration::*;
pub use exposure::*;
pub use object::*;
pub use runtime::*;
pub use signal::*;
pub use workload::*;
