//! The subscriptions of a detector, ready to be matched with events.

use std::sync::Arc;

use wardline_contract::Descriptor;
use wardline_event::{Event, Family, Record};

use super::audit::AuditCondition;
use super::runtime::RuntimeCondition;
use super::signal::SignalCondition;

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
    /// The subscription names an unknown place.
    #[error("runtime subscription {index}: `{place}` is not a place (container or host)")]
    Place {
        /// The position of the subscription, from 0.
        index: usize,
        /// The text in place of a place.
        place: String,
    },
    /// The minimum severity is not a number.
    #[error("signal subscription {index}: the minimum severity is not a number")]
    MinimumSeverity {
        /// The position of the subscription, from 0.
        index: usize,
    },
    /// The subscription has a condition of a later version of the contract.
    #[error("{family} subscription {index}: this host does not support the condition `{key}`")]
    Attribute {
        /// The family of the subscription.
        family: &'static str,
        /// The position of the subscription, from 0.
        index: usize,
        /// The key of the condition.
        key: String,
    },
}

/// All subscriptions of a detector.
#[derive(Debug, Clone)]
pub struct Subscriptions {
    pub(super) audit: Vec<Arc<AuditCondition>>,
    pub(super) runtime: Vec<Arc<RuntimeCondition>>,
    pub(super) signals: Vec<Arc<SignalCondition>>,
}

impl Subscriptions {
    /// Parses the subscriptions of a descriptor.
    ///
    /// # Errors
    /// Returns [`SubscriptionError`] if this host does not support one of them.
    pub fn new(descriptor: &Descriptor) -> Result<Self, SubscriptionError> {
        let name = descriptor.name.as_str();
        Ok(Self {
            audit: parse(&descriptor.audit, AuditCondition::new)?,
            runtime: parse(&descriptor.runtime, RuntimeCondition::new)?,
            signals: parse(&descriptor.signals, |index, one| {
                SignalCondition::new(name, index, one)
            })?,
        })
    }

    /// Returns whether the detector subscribes to this event.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        match &record.event {
            Event::Audit(event) => self
                .audit
                .iter()
                .any(|condition| condition.matches(event, record.first_answer)),
            Event::Runtime(event) => self.runtime.iter().any(|one| one.matches(event)),
            Event::Signal(signal) => self.signals.iter().any(|one| one.matches(signal)),
        }
    }

    /// Returns whether the detector subscribes to any event of a family.
    #[must_use]
    pub fn has(&self, family: Family) -> bool {
        match family {
            Family::Audit => !self.audit.is_empty(),
            Family::Runtime => !self.runtime.is_empty(),
            Family::Signal => !self.signals.is_empty(),
        }
    }

    /// Returns whether the detector subscribes to findings of this type, of other detectors.
    #[must_use]
    pub fn includes_findings(&self, finding_type: &str) -> bool {
        self.signals.iter().any(|one| one.includes(finding_type))
    }
}

fn parse<S, C>(
    subscriptions: &[S],
    new: impl Fn(usize, &S) -> Result<C, SubscriptionError>,
) -> Result<Vec<Arc<C>>, SubscriptionError> {
    subscriptions
        .iter()
        .enumerate()
        .map(|(index, subscription)| new(index, subscription).map(Arc::new))
        .collect()
}
