//! What stands in the open list of a subscription to audit events (`wit/v0.1/lifecycle.wit`).

use wardline_event::address::is_public;

use crate::contract::{Attribute, AuditEvent};

/// How the names of service accounts and kubelets begin, and the group that they are in.
const GROUPS: [(&str, &str); 2] = [
    ("system:serviceaccount:", "system:serviceaccounts"),
    ("system:node:", "system:nodes"),
];

/// Whether a host can serve the condition.
pub(super) fn is_known(attribute: &Attribute) -> bool {
    match (attribute.key.as_str(), attribute.value.as_str()) {
        // No condition: it says what the subscription needs of the audit policy.
        ("level", level) => matches!(level, "metadata" | "request" | "request-response"),
        ("addresses", kind) => kind == "public",
        ("impersonated", value) => value == "true",
        ("except-usernames" | "user-agents", text) => !text.is_empty(),
        _ => false,
    }
}

/// Whether an event meets all of the conditions.
pub(super) fn is_met(attributes: &[Attribute], event: &AuditEvent) -> bool {
    let values = |key: &'static str| {
        attributes
            .iter()
            .filter(move |attribute| attribute.key == key)
            .map(|attribute| attribute.value.as_str())
    };
    let agent = event.user_agent.to_ascii_lowercase();
    let mut agents = values("user-agents").peekable();
    (values("addresses").next().is_none() || event.source_ips.iter().any(|ip| is_public(ip)))
        && (values("impersonated").next().is_none() || event.impersonated_user.is_some())
        && !(may_be_excepted(event)
            && values("except-usernames").any(|name| is_named(&event.user.username, name)))
        && (agents.peek().is_none()
            || agents.any(|part| agent.contains(&part.to_ascii_lowercase())))
}

fn may_be_excepted(event: &AuditEvent) -> bool {
    event.impersonated_user.is_none()
        && GROUPS
            .iter()
            .filter(|(begin, _)| event.user.username.starts_with(begin))
            .all(|(_, group)| event.user.groups.iter().any(|one| one == group))
}

fn is_named(username: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begin) => username.starts_with(begin),
        None => username == pattern,
    }
}
