//! Which detector wants which event.
//!
//! Subscriptions are evaluated by the host, so that an event nobody asked for
//! never crosses into a sandbox. Knows the contract, and nothing of detectors.

mod condition;
mod further;
mod pattern;
mod router;
mod subscription;

pub use pattern::Pattern;
pub use router::Router;
pub use subscription::{SubscriptionError, Subscriptions};
