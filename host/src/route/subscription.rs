//! A detector's subscriptions, made ready to be asked for every event.

use wardline_event::model::{AuditEvent, ObjectReference, Stage};

use super::{Pattern, Record};
use crate::contract::{AuditSubscription, Descriptor};

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

/// What became of a request, as subscriptions name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Denied,
    Failure,
    Unknown,
}

impl Outcome {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "success" => Some(Self::Success),
            "denied" => Some(Self::Denied),
            "failure" => Some(Self::Failure),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }

    fn of(event: &AuditEvent) -> Self {
        match event.response.as_ref().map(|response| response.code) {
            None | Some(0) => Self::Unknown,
            Some(401 | 403) => Self::Denied,
            Some(code) if code < 400 => Self::Success,
            Some(_) => Self::Failure,
        }
    }
}

/// A condition on the resource: its name, and what of its subresources.
#[derive(Debug)]
enum ResourcePattern {
    Any,
    Plain(Pattern),
    Subresource(Pattern, Box<str>),
    WithSubresources(Box<str>),
}

impl ResourcePattern {
    fn new(text: &str) -> Self {
        if text == "*" {
            return Self::Any;
        }
        match text.split_once('/') {
            None => Self::Plain(Pattern::new(text)),
            Some((resource, "*")) => Self::WithSubresources(resource.into()),
            Some((resource, subresource)) => {
                Self::Subresource(Pattern::new(resource), subresource.into())
            }
        }
    }

    fn matches(&self, object: &ObjectReference) -> bool {
        match self {
            Self::Any => true,
            Self::Plain(pattern) => {
                object.subresource.is_empty() && pattern.matches(&object.resource)
            }
            Self::Subresource(pattern, subresource) => {
                *subresource.as_ref() == *object.subresource && pattern.matches(&object.resource)
            }
            Self::WithSubresources(resource) => *resource.as_ref() == *object.resource,
        }
    }
}

#[derive(Debug)]
struct AuditCondition {
    stages: Vec<Stage>,
    verbs: Vec<Pattern>,
    api_groups: Vec<Pattern>,
    resources: Vec<ResourcePattern>,
    namespaces: Vec<Pattern>,
    names: Vec<Pattern>,
    paths: Vec<Pattern>,
    usernames: Vec<Pattern>,
    groups: Vec<Pattern>,
    outcomes: Vec<Outcome>,
}

fn patterns(texts: &[String]) -> Vec<Pattern> {
    texts.iter().map(|text| Pattern::new(text)).collect()
}

impl AuditCondition {
    fn new(index: usize, subscription: &AuditSubscription) -> Result<Self, SubscriptionError> {
        if let Some(attribute) = subscription.attributes.first() {
            return Err(SubscriptionError::Attribute {
                index,
                key: attribute.key.clone(),
            });
        }
        let outcomes = subscription
            .outcomes
            .iter()
            .map(|text| {
                Outcome::parse(text).ok_or_else(|| SubscriptionError::Outcome {
                    index,
                    outcome: text.clone(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            stages: subscription.stages.clone(),
            verbs: patterns(&subscription.verbs),
            api_groups: patterns(&subscription.api_groups),
            resources: subscription
                .resources
                .iter()
                .map(|text| ResourcePattern::new(text))
                .collect(),
            namespaces: patterns(&subscription.namespaces),
            names: patterns(&subscription.names),
            paths: patterns(&subscription.paths),
            usernames: patterns(&subscription.usernames),
            groups: patterns(&subscription.groups),
            outcomes,
        })
    }

    fn matches(&self, record: &Record) -> bool {
        let event = &record.event;
        let stage = if self.stages.is_empty() {
            record.first_answer
        } else {
            self.stages.contains(&event.stage)
        };
        stage
            && Pattern::any(&self.verbs, &event.verb)
            && self.matches_target(event)
            && (self.outcomes.is_empty() || self.outcomes.contains(&Outcome::of(event)))
            && self.matches_user(event)
    }

    fn matches_target(&self, event: &AuditEvent) -> bool {
        let Some(object) = &event.object else {
            let path = event.request_uri.split('?').next().unwrap_or_default();
            let wants_objects = !(self.resources.is_empty()
                && self.api_groups.is_empty()
                && self.namespaces.is_empty()
                && self.names.is_empty());
            return if self.paths.is_empty() {
                !wants_objects
            } else {
                Pattern::any(&self.paths, path)
            };
        };
        let resource = if self.resources.is_empty() {
            self.paths.is_empty()
        } else {
            self.resources.iter().any(|pattern| pattern.matches(object))
        };
        resource
            && Pattern::any(&self.api_groups, &object.api_group)
            && Pattern::any(&self.namespaces, &object.namespace)
            && Pattern::any(&self.names, &object.name)
    }

    /// Both who asked and whose rights were used count, so that a rule about a
    /// user is not evaded by impersonating it.
    fn matches_user(&self, event: &AuditEvent) -> bool {
        let users = || std::iter::once(&event.user).chain(&event.impersonated_user);
        (self.usernames.is_empty()
            || users().any(|user| Pattern::any(&self.usernames, &user.username)))
            && (self.groups.is_empty()
                || users()
                    .flat_map(|user| &user.groups)
                    .any(|group| Pattern::any(&self.groups, group)))
    }
}

/// All that a detector subscribes to.
#[derive(Debug)]
pub struct Subscriptions {
    audit: Vec<AuditCondition>,
}

impl Subscriptions {
    /// Reads the subscriptions of a descriptor.
    ///
    /// # Errors
    /// Where a subscription says something that this host cannot serve.
    pub fn new(descriptor: &Descriptor) -> Result<Self, SubscriptionError> {
        let audit = descriptor
            .audit
            .iter()
            .enumerate()
            .map(|(index, subscription)| AuditCondition::new(index, subscription))
            .collect::<Result<_, _>>()?;
        Ok(Self { audit })
    }

    /// Whether the detector wants this event.
    #[must_use]
    pub fn matches(&self, record: &Record) -> bool {
        self.audit.iter().any(|condition| condition.matches(record))
    }
}

#[cfg(test)]
mod tests;
