//! Matches events with the subscriptions of detectors.
//!
//! The host evaluates subscriptions, so that an event without a subscriber never enters a
//! sandbox. This module knows the contract, but not the detectors.

mod audit;
mod feeds;
mod index;
mod lookup;
mod pattern;
mod router;
mod runtime;
mod signal;
mod subscription;

pub use feeds::Feeds;
pub use pattern::Pattern;
pub use router::Router;
pub use subscription::{SubscriptionError, Subscriptions};
