//! What the audit stream has told about the cluster's objects.
//!
//! Learns from answered requests, in the order of the events, and answers as things
//! were just before an event, so that detectors on several threads all see the same.
//! Knows the events, and nothing of detectors.

pub mod lesson;
mod objects;

pub use objects::{Inventory, Key};
