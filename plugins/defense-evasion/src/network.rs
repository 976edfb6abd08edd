//! Network policies that are deleted or that allow all traffic.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Requester, Told, agent, outcome};
use wardline_sdk::view::NetworkPolicy;
use wardline_sdk::{raw, state};

use crate::types::{
    ALLOWED_BY_SERVICE_ACCOUNT, DELETED_BY_SERVICE_ACCOUNT, NETWORK_POLICY_DELETED,
    NETWORK_POLICY_WEAKENED, NEW_POLICY, ONLY_EGRESS, UNINSTALLED,
};

/// Network policies of Kubernetes, SIG Network, Cilium, and Calico, and Istio's policies for
/// traffic between workloads.
pub const RESOURCES: [&str; 11] = [
    "networkpolicies",
    "adminnetworkpolicies",
    "baselineadminnetworkpolicies",
    "clusternetworkpolicies",
    "ciliumnetworkpolicies",
    "ciliumclusterwidenetworkpolicies",
    "globalnetworkpolicies",
    "stagednetworkpolicies",
    "stagedglobalnetworkpolicies",
    "authorizationpolicies",
    "peerauthentications",
];

/// Period in which deleted policies belong to the release whose workloads the same actor
/// deleted. Helm deletes the workloads first (`helm/helm`,
/// `pkg/release/util/kind_sorter.go`, `UninstallOrder`).
const UNINSTALL: Duration = Duration::from_secs(120);

/// Maximum length of a policy's rules in evidence, in characters.
const MAX_SHOWN: usize = 500;

/// Remembers that the actor deletes workloads in a namespace.
pub fn remember_uninstall(event: AuditEvent<'_>) -> Result<(), DetectError> {
    if event.verb() == "delete" && event.changed_something() && !event.namespace().is_empty() {
        state::actor(event)
            .key(format!("uninstall {}", event.namespace()))
            .set(b"", UNINSTALL)?;
    }
    Ok(())
}

/// Judges a request that deletes or writes a network policy.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.verb().starts_with("delete") {
        deleted(event, findings)
    } else {
        weakened(event, findings)
    }
}

fn deleted(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.actor();
    let goes_with_release = state::actor(event)
        .key(format!("uninstall {}", event.namespace()))
        .get()?
        .is_some();
    let severity = if Requester::is_program(event) {
        DELETED_BY_SERVICE_ACCOUNT.severity
    } else if goes_with_release
        && event.verb() == "delete"
        && agent::hand_tool(event.user_agent()).is_none()
    {
        UNINSTALLED.severity
    } else {
        MEDIUM
    };
    let resource = event.resource();
    let deleted = match (event.namespace(), event.name()) {
        ("", "") => format!("all {resource}"),
        ("", name) => format!("{resource} {name}"),
        (namespace, "") => format!("all {resource} in {namespace}"),
        (namespace, name) => format!("{resource} {namespace}/{name}"),
    };
    findings.raise(
        Finding::new(NETWORK_POLICY_DELETED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(outcome::severity(event, severity))
            .dedup_key(format!(
                "{} {resource} {}",
                user.username(),
                event.namespace()
            ))
            .title(format!(
                "Deletion of {deleted} by {}{}",
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

fn weakened(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let named = event.requested().map(|object| object.facts());
    let Some(Facts::NetworkPolicy(named)) = named else {
        return Ok(());
    };
    // A patch names only the changed fields; the answer has the whole policy.
    let whole = match event.facts() {
        Facts::NetworkPolicy(policy) => policy,
        _ => named,
    };
    let opened = opened(event, named, whole)?;
    if opened.is_empty() || event.dry_run() {
        return Ok(());
    }
    let user = event.actor();
    let path = format!("{}/{}", event.namespace(), event.name());
    let is_ingress = opened.iter().any(|(field, _)| field.ends_with("ingress"));
    let is_program = Requester::is_program(event);
    let severity = match event.verb() {
        _ if is_program => ALLOWED_BY_SERVICE_ACCOUNT.severity,
        _ if !is_ingress => ONLY_EGRESS.severity,
        "create" => NEW_POLICY.severity,
        _ => MEDIUM,
    };
    if !Told::by_actor(event, "weak").is_news(&path, severity, DAY)? {
        return Ok(());
    }
    let raised = Finding::new(NETWORK_POLICY_WEAKENED)
        .on(event)
        .evidence_if_any(event, opened);
    findings.raise(raised.map(|finding| {
        finding
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .severity(severity)
            .dedup_key(match is_program {
                true => user.username().to_owned(),
                false => format!("{} {path}", user.username()),
            })
            .title(format!(
                "Network policy {path} of {} allows all traffic",
                user.username()
            ))
    }));
    Ok(())
}

/// Returns the fields that open a direction for all pods of the namespace. Policies are
/// additive, so one such rule overrides every default-deny policy.
fn opened(
    event: AuditEvent<'_>,
    named: NetworkPolicy<'_>,
    whole: NetworkPolicy<'_>,
) -> Result<Vec<(String, String)>, DetectError> {
    let mut opened = Vec::new();
    if !whole.selects_all() && !named.selects_all() {
        return Ok(opened);
    }
    for (opens, direction) in [
        (named.allows_all_ingress(), "ingress"),
        (named.allows_all_egress(), "egress"),
    ] {
        let rules = match opens {
            true => raw::json(event, &format!("/requestObject/spec/{direction}"))?,
            false => continue,
        };
        if rules.as_deref().is_none_or(has_empty_rule) {
            let field = format!("requestObject.spec.{direction}");
            let value = rules.unwrap_or_default().chars().take(MAX_SHOWN).collect();
            opened.push((field, value));
        }
    }
    Ok(opened)
}

/// Returns whether one of the rules has no condition; a rule with ports opens only those. The
/// rules are JSON without spaces, as the API server writes it.
fn has_empty_rule(rules: &str) -> bool {
    ["[{}", ",{}", r#"{"from":[]}"#, r#"{"to":[]}"#]
        .iter()
        .any(|empty| rules.contains(empty))
}

#[cfg(test)]
mod tests {
    use super::has_empty_rule;

    #[test]
    fn rule_with_ports_is_not_empty() {
        for (rules, expected) in [
            ("[{}]", true),
            (r#"[{"from":[]}]"#, true),
            (r#"[{"ports":[{"port":443}]},{}]"#, true),
            (r#"[{"ports":[{"port":443}]}]"#, false),
            (r#"[{"from":[{"podSelector":{}}]}]"#, false),
        ] {
            assert_eq!(has_empty_rule(rules), expected, "{rules}");
        }
    }
}
