//! Network policies that are deleted, or that allow everything.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::view::NetworkPolicy;
use wardline_sdk::{raw, state};

use crate::events::verb;
use crate::types::{NETWORK_POLICY_DELETED, NETWORK_POLICY_WEAKENED};

/// Network policies of Kubernetes and its SIG Network, of Cilium and Calico, and Istio's
/// rules of who may speak to whom.
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

/// Helm removes the workloads of a release before its network policies
/// (`helm/helm`, `pkg/release/util/kind_sorter.go`, `UninstallOrder`).
const UNINSTALL: Duration = Duration::from_secs(120);
/// How long one weak policy of an actor stands for its next change.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How many characters of a policy's rules evidence shows.
const SHOWN: usize = 500;

const PERSON: f64 = 5.0;
const OPENED: f64 = 4.0;
const LOW: f64 = 3.0;

/// Remembers that the actor removes workloads of a namespace.
pub fn remember_uninstall(event: AuditEvent<'_>) -> Result<(), DetectError> {
    if event.verb() == "delete" && event.changed_something() && !event.namespace().is_empty() {
        state::actor(event)
            .key(format!("uninstall {}", event.namespace()))
            .set(b"", UNINSTALL)?;
    }
    Ok(())
}

/// Judges a request for a network policy.
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
    let severity =
        if user.service_account().is_some() || (goes_with_release && event.verb() == "delete") {
            LOW
        } else {
            PERSON
        };
    let resource = event.resource();
    let what = match event.name() {
        "" => "all of them",
        name => name,
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
                "{} {}{} {resource} {}: {what}",
                user.username(),
                outcome::attempted(event),
                verb(event),
                event.namespace()
            )),
    );
    Ok(())
}

fn weakened(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let named = event.requested().map(|object| object.facts());
    let Some(Facts::NetworkPolicy(named)) = named else {
        return Ok(());
    };
    // A patch says what it changes, and the answer the rest.
    let whole = match event.facts() {
        Facts::NetworkPolicy(policy) => policy,
        _ => named,
    };
    let opened = opened(event, named, whole)?;
    if opened.is_empty() || event.dry_run() {
        return Ok(());
    }
    let user = event.actor();
    let place = format!("{}/{}", event.namespace(), event.name());
    if !state::actor(event).key("weak").first_seen(&place, DAY)? {
        return Ok(());
    }
    let is_ingress = opened.iter().any(|(field, _)| field.ends_with("ingress"));
    let severity = match (user.service_account(), event.verb()) {
        (Some(_), _) => LOW,
        (None, _) if !is_ingress => LOW,
        (None, "create") => OPENED,
        (None, _) => PERSON,
    };
    let raised = Finding::new(NETWORK_POLICY_WEAKENED)
        .on(event)
        .evidence_if_any(event, opened);
    findings.raise(raised.map(|finding| {
        finding
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .severity(severity)
            .dedup_key(match user.service_account() {
                Some(_) => user.username().to_owned(),
                None => format!("{} {place}", user.username()),
            })
            .title(format!(
                "{} let every pod of {} be reached or reach everything, by the policy {}",
                user.username(),
                event.namespace(),
                event.name()
            ))
    }));
    Ok(())
}

/// The fields that open a direction for all pods of the namespace: what policies allow adds
/// up, so that one of these undoes every default-deny.
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
            let value = rules.unwrap_or_default().chars().take(SHOWN).collect();
            opened.push((field, value));
        }
    }
    Ok(opened)
}

/// Whether one rule, in JSON without spaces as the API server writes it, has no condition at
/// all: one with ports opens those only.
fn has_empty_rule(rules: &str) -> bool {
    ["[{}", ",{}", r#"{"from":[]}"#, r#"{"to":[]}"#]
        .iter()
        .any(|empty| rules.contains(empty))
}

#[cfg(test)]
mod tests {
    use super::has_empty_rule;

    #[test]
    fn a_rule_with_ports_is_not_empty() {
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
