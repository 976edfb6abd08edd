//! The subscriptions of a detector, ready to be matched with events.

use std::sync::Arc;

use wardline_contract::{AuditSubscription, Descriptor};
use wardline_event::Record;

use super::condition::AuditCondition;

/// A subscription is not supported.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SubscriptionError {
    /// The subscription names an unknown outcome.
    #[error(
        "audit subscription {index}: `{outcome}` is not an outcome (success, denied, failure, or unknown)"
    )]
    Outcome {
        /// The position of the subscription, from 0.
        index: usize,
        /// The text in place of an outcome.
        outcome: String,
    },
    /// The subscription has a condition of a later version of the contract.
    #[error("audit subscription {index}: this host does not support the condition `{key}`")]
    Attribute {
        /// The position of the subscription, from 0.
        index: usize,
        /// The key of the condition.
        key: String,
    },
}

/// All subscriptions of a detector.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    audit: Vec<Arc<AuditCondition>>,
}

impl Subscriptions {
    /// Parses the subscriptions of a descriptor.
    ///
    /// # Errors
    /// Returns [`SubscriptionError`] if this host does not support one of them.
    pub fn new(descriptor: &Descriptor) -> Result<Self, SubscriptionError> {
        Self::of(&descriptor.audit)
    }

    pub(super) fn of(subscriptions: &[AuditSubscription]) -> Result<Self, SubscriptionError> {
        let audit = subscriptions
            .iter()
            .enumerate()
            .map(|(index, subscription)| AuditCondition::new(index, subscription).map(Arc::new))
            .collect::<Result<_, _>>()?;
        Ok(Self { audit })
    }

    /// Returns whether the detector subscribes to this event.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        self.audit.iter().any(|condition| condition.matches(record))
    }

    pub(super) fn conditions(&self) -> &[Arc<AuditCondition>] {
        &self.audit
    }
}

#[cfg(test)]
mod tests;
