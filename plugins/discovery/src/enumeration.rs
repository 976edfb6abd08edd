//! Kinds of objects, one after the other.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::DAY;
use crate::types::ENUMERATION;

/// What somebody lists to find a way on, where workloads would do for normal work.
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

/// The category `all` of kubectl: whoever may see nothing in a namespace is refused each of
/// them by one `kubectl get all`.
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

/// Of this many kinds of [`RECONNAISSANCE`] a list is worth a line.
const LISTED: u32 = 6;
const REFUSED: f64 = 5.0;
const LOW: f64 = 3.0;

/// Counts a request that was refused, or a list of all that there is of a kind.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    // The Node authorizer refuses kubelets what left their node.
    if event.actor().node().is_some() {
        return Ok(());
    }
    if event.denied() {
        return refused(event, window, least, findings);
    }
    if event.succeeded() && event.verb() == "list" {
        return listed(event, window, findings);
    }
    Ok(())
}

fn refused(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    let kind = kind(event);
    if user.service_account().is_none() && ALL.contains(&kind.as_str()) {
        return Ok(());
    }
    let (key, severity) = if is_reflector(event) {
        ("refused to a cache", LOW)
    } else {
        ("refused", REFUSED)
    };
    let seen = state::actor(event)
        .key(key)
        .window(window, least.saturating_mul(20))
        .observe(&kind)?;
    // Once in a window: a burst that goes on is the same burst.
    if seen.distinct() < least
        || !state::actor(event)
            .key("refused/raised")
            .first_seen(key, window)?
    {
        return Ok(());
    }
    raise(
        event,
        &seen,
        severity,
        &format!("was refused {} different kinds", seen.distinct()),
        findings,
    );
    Ok(())
}

fn listed(
    event: AuditEvent<'_>,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let kind = kind(event);
    if !RECONNAISSANCE.contains(&kind.as_str())
        || !event.namespace().is_empty()
        || is_reflector(event)
    {
        return Ok(());
    }
    let seen = state::actor(event)
        .key("listed")
        .window(window, 100)
        .observe(&kind)?;
    if seen.distinct() < LISTED
        || !state::actor(event)
            .key("listed/raised")
            .first_seen("", DAY)?
    {
        return Ok(());
    }
    raise(
        event,
        &seen,
        LOW,
        &format!("listed all objects of {} kinds", seen.distinct()),
        findings,
    );
    Ok(())
}

fn raise(
    event: AuditEvent<'_>,
    seen: &state::Window,
    severity: f64,
    what: &str,
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
            .title(format!("{user} {what}")),
    );
}

/// The resource, or of a path that is no resource's the first two parts.
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

/// Whether a list fills the cache of a controller: client-go's reflectors name a resource
/// version, and kubectl and scripts do not (`k8s.io/client-go`, `tools/cache/reflector.go`).
fn is_reflector(event: AuditEvent<'_>) -> bool {
    event.verb() == "watch" || event.request_uri().contains("resourceVersion=")
}
