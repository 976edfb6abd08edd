//! What detectors can find, as their descriptors say it.
//!
//! A reference for people: nothing here judges an event. All text is a detector's own and
//! untrusted; it is made fit to show before it leaves.

pub mod attack;
pub mod guardduty;

mod detection;
mod markdown;

pub use detection::{Catalog, Detection, SettingSummary};
pub use markdown::markdown;
