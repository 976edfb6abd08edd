//! Enumeration of kinds of objects.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, agent};
use wardline_sdk::state;

use crate::types::{CACHE, ENUMERATION, LISTED, LISTED_BY_CLIENT};

/// Resources that help an attacker to plan the next step; daily work needs workloads instead.
pub const RECONNAISSANCE: [&str; 13] = [
    "nodes",
    "namespaces",
    "secrets",
    "serviceaccounts",
    "roles",
    "rolebindings",
    "clusterroles",
    "clusterrolebindings",
    "networkpolicies",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
    "persistentvolumes",
    "customresourcedefinitions",
];

/// The category `all` of kubectl. One `kubectl get all` by a user without rights in the
/// namespace is denied each of them.
pub const ALL: [&str; 10] = [
    "pods",
    "services",
    "replicationcontrollers",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "horizontalpodautoscalers",
    "cronjobs",
    "jobs",
];

/// Minimum number of [`RECONNAISSANCE`] kinds that are listed for a finding.
const MIN_LISTED: u32 = 6;

/// Counts a denied request, or a list of all objects of a kind.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    // The Node authorizer denies kubelets the objects of pods that left their node.
    if event.actor().is_kubelet() {
        return Ok(());
    }
    if event.denied() {
        return judge_denied(event, window, threshold, findings);
    }
    if event.succeeded() && event.verb() == "list" {
        return judge_listed(event, window, findings);
    }
    Ok(())
}

fn judge_denied(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    let kind = kind(event);
    if !user.is_service_account() && ALL.contains(&kind.as_str()) {
        return Ok(());
    }
    let (key, severity) = if is_reflector(event) && !is_by_hand(event) {
        ("refused to a cache", CACHE.severity)
    } else {
        ("refused", MEDIUM)
    };
    let seen = state::actor(event)
        .key(key)
        .window(window, threshold.saturating_mul(20))
        .observe(&kind)?;
    // Once in a window, since a burst that continues is the same burst.
    if seen.distinct() < threshold
        || !Told::by_actor(event, "refused").is_news("", severity, window)?
    {
        return Ok(());
    }
    raise(
        event,
        &seen,
        severity,
        &format!("{} kinds of objects were denied to", seen.distinct()),
        findings,
    );
    Ok(())
}

fn judge_listed(
    event: AuditEvent<'_>,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let kind = kind(event);
    if !RECONNAISSANCE.contains(&kind.as_str()) || !event.namespace().is_empty() {
        return Ok(());
    }
    let is_cache = is_reflector(event) && !is_by_hand(event);
    // Controllers fill their caches with accounts of their own. A person's client may do so as
    // well, but anybody can send a resource version.
    if is_cache && !event.actor().is_person() {
        return Ok(());
    }
    let (key, severity, keep) = if is_cache {
        ("cached", LISTED_BY_CLIENT, KNOWN)
    } else {
        ("listed", LISTED, DAY)
    };
    let seen = state::actor(event)
        .key(key)
        .window(window, 100)
        .observe(&kind)?;
    if seen.distinct() < MIN_LISTED
        || !Told::by_actor(event, "all listed").is_news("", severity, keep)?
    {
        return Ok(());
    }
    raise(
        event,
        &seen,
        severity.severity,
        &format!("All objects of {} kinds were listed by", seen.distinct()),
        findings,
    );
    Ok(())
}

fn raise(
    event: AuditEvent<'_>,
    seen: &state::Window,
    severity: f64,
    beginning: &str,
    findings: &mut Findings,
) {
    let user = event.actor().username();
    findings.raise(
        Finding::new(ENUMERATION)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "objectRef.resource", seen.members().join(", "))
            .severity(severity)
            .attribute("distinct", seen.distinct())
            .dedup_key(format!("{user} {}", event.client_ip()))
            .title(format!("{beginning} {user}")),
    );
}

/// Returns the resource, or the first two parts of a non-resource path.
fn kind(event: AuditEvent<'_>) -> String {
    match event.object() {
        Some(_) => event.resource(),
        None => event
            .path()
            .split('/')
            .take(3)
            .collect::<Vec<_>>()
            .join("/"),
    }
}

/// Returns whether a tool that people use made the request. Such a tool fills no cache.
fn is_by_hand(event: AuditEvent<'_>) -> bool {
    event.verb() != "watch" && agent::hand_tool(event.user_agent()).is_some()
}

/// Returns whether a request fills the cache of a controller: client-go's reflectors send a
/// resource version, and kubectl and scripts do not (`k8s.io/client-go`,
/// `tools/cache/reflector.go`).
fn is_reflector(event: AuditEvent<'_>) -> bool {
    event.verb() == "watch" || event.request_uri().contains("resourceVersion=")
}
