//! One condition on audit events.

use wardline_contract::AuditSubscription;
use wardline_decode::{Head, HeadObject};
use wardline_event::model::{AuditEvent, Stage};

use super::attributes::AttributeConditions;
use crate::{Pattern, SubscriptionError};

/// The outcome of a request, as subscriptions name it.
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

    fn of(code: Option<u16>) -> Self {
        match code {
            None | Some(0) => Self::Unknown,
            Some(401 | 403) => Self::Denied,
            Some(code) if code < 400 => Self::Success,
            Some(_) => Self::Failure,
        }
    }
}

/// Whether the request was answered and the event lacks the status: it was cut off before it. Then the
/// request may have succeeded.
fn is_lost(head: &Head<'_>) -> bool {
    matches!(head.stage, Stage::ResponseStarted | Stage::ResponseComplete)
        && Outcome::of(head.code) == Outcome::Unknown
}

/// A condition on the resource and subresource.
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

    fn matches(&self, object: &HeadObject<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Plain(pattern) => {
                object.subresource.is_empty() && pattern.matches(object.resource)
            }
            Self::Subresource(pattern, subresource) => {
                subresource.as_ref() == object.subresource && pattern.matches(object.resource)
            }
            Self::WithSubresources(resource) => resource.as_ref() == object.resource,
        }
    }
}

/// One subscription to audit events.
#[derive(Debug)]
pub(crate) struct AuditCondition {
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
    attributes: AttributeConditions,
}

impl AuditCondition {
    /// Parses the subscription at `index`.
    pub fn new(index: usize, subscription: &AuditSubscription) -> Result<Self, SubscriptionError> {
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
            verbs: Pattern::all(&subscription.verbs),
            api_groups: Pattern::all(&subscription.api_groups),
            resources: subscription
                .resources
                .iter()
                .map(|text| ResourcePattern::new(text))
                .collect(),
            namespaces: Pattern::all(&subscription.namespaces),
            names: Pattern::all(&subscription.names),
            paths: Pattern::all(&subscription.paths),
            usernames: Pattern::all(&subscription.usernames),
            groups: Pattern::all(&subscription.groups),
            outcomes,
            attributes: AttributeConditions::new(index, &subscription.attributes)?,
        })
    }

    /// Returns whether an event matches.
    pub fn matches(&self, event: &AuditEvent, first_answer: bool) -> bool {
        self.meets(&Head::of(event), Some(first_answer))
    }

    /// Returns whether an event could match, judging by its head alone.
    pub fn may_match(&self, head: &Head<'_>) -> bool {
        self.meets(head, None)
    }

    /// Returns whether the head matches. `first_answer` is known once all earlier events are;
    /// if it is `None`, conditions that may still turn out true count as met. In that case all
    /// stages of a request are treated alike, so that its end is recognized if its beginning
    /// matched.
    pub(super) fn meets(&self, head: &Head<'_>, first_answer: Option<bool>) -> bool {
        let stage = if self.stages.is_empty() {
            first_answer.unwrap_or(head.stage != Stage::RequestReceived)
        } else {
            self.stages.contains(&head.stage)
        };
        let may_change = first_answer.is_none() && head.stage == Stage::ResponseStarted;
        stage
            && Pattern::any(&self.verbs, head.verb)
            && self.matches_target(head, first_answer.is_none())
            && (self.outcomes.is_empty()
                || may_change
                || self.outcomes.contains(&Outcome::of(head.code))
                || (is_lost(head) && self.outcomes.contains(&Outcome::Success)))
            && self.matches_user(head)
            && self.attributes.is_met(head)
    }

    fn matches_target(&self, head: &Head<'_>, is_early: bool) -> bool {
        let Some(object) = &head.object else {
            return if self.paths.is_empty() {
                !self.wants_objects()
            } else {
                Pattern::any(&self.paths, head.path)
            };
        };
        let resource = if self.resources.is_empty() {
            self.paths.is_empty()
        } else {
            self.resources.iter().any(|pattern| pattern.matches(object))
        };
        let is_unnamed = is_early && is_unnamed(head.verb, object);
        resource
            && Pattern::any(&self.api_groups, object.api_group)
            && Pattern::any(&self.namespaces, object.namespace)
            && (is_unnamed || Pattern::any(&self.names, object.name))
    }

    /// Returns whether a condition can be met only by a request for a resource.
    fn wants_objects(&self) -> bool {
        !(self.resources.is_empty()
            && self.api_groups.is_empty()
            && self.namespaces.is_empty()
            && self.names.is_empty())
    }

    /// Both the authenticated and the impersonated user count, so that impersonation does not
    /// evade a rule about a user.
    fn matches_user(&self, head: &Head<'_>) -> bool {
        let users = || std::iter::once(&head.user).chain(&head.impersonated_user);
        (self.usernames.is_empty()
            || users().any(|user| Pattern::any(&self.usernames, user.username)))
            && (self.groups.is_empty()
                || users()
                    .flat_map(|user| user.groups.clone())
                    .any(|group| Pattern::any(&self.groups, group)))
    }

    /// Returns the subscribed verbs; if empty, all.
    pub(super) fn verbs(&self) -> &[Pattern] {
        &self.verbs
    }

    /// Returns the subscribed namespaces; if empty, all.
    pub(super) fn namespaces(&self) -> &[Pattern] {
        &self.namespaces
    }

    /// Returns the subscribed object names; if empty, all.
    pub(super) fn names(&self) -> &[Pattern] {
        &self.names
    }

    /// Returns the subscribed user names; if empty, all.
    pub(super) fn usernames(&self) -> &[Pattern] {
        &self.usernames
    }

    /// Returns the conditions from the `attributes` list.
    pub(super) fn attributes(&self) -> &AttributeConditions {
        &self.attributes
    }

    /// Returns whether a non-resource request can match.
    pub(super) fn takes_paths(&self) -> bool {
        !self.paths.is_empty() || !self.wants_objects()
    }

    /// Returns the subscribed resources without subresources: empty if no resource request can
    /// match, and `None` if one for any resource can.
    pub(super) fn resource_names(&self) -> Option<Vec<Pattern>> {
        if self.resources.is_empty() {
            return (!self.paths.is_empty()).then(Vec::new);
        }
        self.resources
            .iter()
            .map(|pattern| match pattern {
                ResourcePattern::Any => None,
                ResourcePattern::Plain(pattern) | ResourcePattern::Subresource(pattern, _) => {
                    Some(pattern.clone())
                }
                ResourcePattern::WithSubresources(resource) => {
                    Some(Pattern::Exact(resource.clone()))
                }
            })
            .collect()
    }
}

/// Returns whether the API server may still generate the object's name, which is then in the
/// answer.
pub(super) fn is_unnamed(verb: &str, object: &HeadObject<'_>) -> bool {
    verb == "create" && object.name.is_empty()
}

#[cfg(test)]
mod tests;
