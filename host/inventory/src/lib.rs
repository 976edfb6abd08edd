//! The objects of clusters as the audit log shows them.
//!
//! The inventory learns from answered requests in the order of the events, and answers queries
//! as of just before an event, so that detectors on several threads see the same. It knows
//! events, but not detectors.

mod objects;
pub mod observation;

pub use objects::{Inventory, Key, MAX_BINDINGS, MAX_SUBJECTS};
