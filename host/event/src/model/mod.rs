//! The events of the contract (`wit/v0.1`) as Rust types, with one struct for each
//! record and one field for each field, so that the host lowers them into a detector's
//! memory as they are. The WIT files document every field.
//!
//! A macro of [`crate::packed`] defines each type once, with its typed and its packed
//! form.

#![allow(
    missing_docs,
    reason = "the WIT files document every field; here only those whose name does not say it"
)]

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
