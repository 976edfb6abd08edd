//! The catalog of finding types that detectors declare in their descriptors.
//!
//! All text comes from detectors and is untrusted; it is made printable here.

pub mod attack;
pub mod guardduty;
pub mod markdown;

mod detection;

pub use detection::{Catalog, Detection, SettingSummary};
