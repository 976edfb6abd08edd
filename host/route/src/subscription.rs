//! A detector's subscriptions, made ready to be asked for every event.

use std::sync::Arc;

use wardline_contract::{AuditSubscription, Descriptor};
use wardline_event::Record;

use super::condition::AuditCondition;

/// Why a subscription cannot be served.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SubscriptionError {
    /// A word that is none of the outcomes.
    #[error(
        "audit subscription {index}: `{outcome}` is no outcome (success, denied, failure or unknown)"
    )]
    Outcome {
        /// Which subscription, from 0.
        index: usize,
        /// What it says.
        outcome: String,
    },
    /// A condition of a later version of the contract.
    #[error("audit subscription {index}: this host does not know the condition `{key}`")]
    Attribute {
        /// Which subscription, from 0.
        index: usize,
        /// The condition.
        key: String,
    },
}

/// All that a detector subscribes to.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    audit: Vec<Arc<AuditCondition>>,
}

impl Subscriptions {
    /// Reads the subscriptions of a descriptor.
    ///
    /// # Errors
    /// Where a subscription says something that this host cannot serve.
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

    /// Whether the detector wants this event.
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
