//! Conditions from a subscription's `attributes` list.

use aho_corasick::AhoCorasick;
use wardline_decode::{Head, HeadUser};
use wardline_event::address::is_public;
use wardline_event::model::Attribute;

use crate::{Pattern, SubscriptionError};

/// The prefixes of service account and kubelet names, and the group that the API server puts
/// such a user in
/// (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens>,
/// <https://kubernetes.io/docs/reference/access-authn-authz/node/>). A certificate may have
/// such a name without the group.
const GROUPS: [(&str, &str); 2] = [
    ("system:serviceaccount:", "system:serviceaccounts"),
    ("system:node:", "system:nodes"),
];

/// The conditions that later versions of the contract added.
#[derive(Debug, Default)]
pub(super) struct AttributeConditions {
    needs_public_address: bool,
    needs_impersonation: bool,
    excepted: Vec<Pattern>,
    user_agents: Option<AhoCorasick>,
}

impl AttributeConditions {
    /// Parses the list of the subscription at `index`.
    pub fn new(index: usize, attributes: &[Attribute]) -> Result<Self, SubscriptionError> {
        let mut conditions = Self::default();
        let mut agents = Vec::new();
        for attribute in attributes {
            match (attribute.key.as_str(), attribute.value.as_str()) {
                // The level states which audit policy the detector needs; it is not a
                // condition.
                ("level", "metadata" | "request" | "request-response") => {}
                ("addresses", "public") => conditions.needs_public_address = true,
                ("impersonated", "true") => conditions.needs_impersonation = true,
                ("except-usernames", name) if !name.is_empty() => {
                    conditions.excepted.push(Pattern::new(name));
                }
                ("user-agents", part) if !part.is_empty() => agents.push(part),
                (key, _) => {
                    return Err(SubscriptionError::Attribute {
                        family: "audit",
                        index,
                        key: key.to_owned(),
                    });
                }
            }
        }
        if !agents.is_empty() {
            let search = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(agents)
                .map_err(|_| SubscriptionError::Attribute {
                    family: "audit",
                    index,
                    key: "user-agents".to_owned(),
                })?;
            conditions.user_agents = Some(search);
        }
        Ok(conditions)
    }

    pub fn is_met(&self, head: &Head<'_>) -> bool {
        (!self.needs_impersonation || head.impersonated_user.is_some())
            && (!self.needs_public_address || head.source_ips.clone().any(is_public))
            && !self.is_excepted(head)
            && self
                .user_agents
                .as_ref()
                .is_none_or(|search| search.is_match(head.user_agent))
    }

    fn is_excepted(&self, head: &Head<'_>) -> bool {
        !self.excepted.is_empty()
            && Pattern::any(&self.excepted, head.user.username)
            && may_be_excepted(head)
    }

    /// Returns whether only a request from a public address can match.
    pub fn needs_public_address(&self) -> bool {
        self.needs_public_address
    }

    /// Returns the user names whose requests do not match, if [`may_be_excepted`] holds.
    pub fn excepted(&self) -> &[Pattern] {
        &self.excepted
    }
}

/// Returns whether an exception for the user's name applies.
///
/// It does not apply to a user who impersonates another, since that is not the user's own work,
/// nor to the name of a service account or kubelet without the corresponding group.
pub(super) fn may_be_excepted(head: &Head<'_>) -> bool {
    head.impersonated_user.is_none() && is_genuine(&head.user)
}

fn is_genuine(user: &HeadUser<'_>) -> bool {
    GROUPS
        .iter()
        .filter(|(begin, _)| user.username.starts_with(begin))
        .all(|(_, group)| user.groups.clone().any(|one| one == *group))
}
