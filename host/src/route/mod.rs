//! Which detector wants which event.
//!
//! Subscriptions are evaluated by the host, so that an event nobody asked for
//! never crosses into a sandbox. Knows the contract, and nothing of detectors.

mod pattern;
mod record;
mod subscription;

pub use pattern::Pattern;
pub use record::{Origin, Record};
pub use subscription::{SubscriptionError, Subscriptions};
