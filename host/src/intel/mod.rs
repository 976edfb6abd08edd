//! Sets of addresses, domains and names that the operator keeps.

mod address;
mod list;
mod load;

pub use list::Intel;
pub use load::{Content, ListConfig, ListReport, LoadError};
