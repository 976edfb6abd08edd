//! Matches events with the subscriptions of detectors.
//!
//! The host evaluates subscriptions, so that an event without a subscriber never enters a
//! sandbox. This module knows the contract, but not the detectors.

mod condition;
mod further;
mod pattern;
mod router;
mod subscription;

pub use pattern::Pattern;
pub use router::Router;
pub use subscription::{SubscriptionError, Subscriptions};
