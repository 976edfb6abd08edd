//! Logs of many pods.

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::state::{self, Window};

use crate::thresholds::Thresholds;
use crate::types::{LOG_HARVEST, ORDINARY_LOGS};

/// Minimum number of namespaces for more than Low.
const MIN_NAMESPACES: usize = 3;

/// Counts a pod whose log is read, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    thresholds: &Thresholds,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(pod) = pod(event) else {
        return Ok(());
    };
    let follows = event
        .connect()
        .is_some_and(|connect| connect.options().get("follow") == Some("true"));
    let key = if follows { "followed" } else { "read" };
    let pods = state::actor(event)
        .key(format!("logs {key}"))
        .window(window, thresholds.pods.saturating_mul(10));
    let seen = pods.observe(&pod)?;
    let namespaces = namespaces(&seen);
    // Logs are followed to watch a system, and read across namespaces to search them.
    let is_everywhere = !follows
        && u32::try_from(namespaces.len()).is_ok_and(|count| count >= thresholds.log_namespaces);
    if seen.distinct() < thresholds.pods && !is_everywhere {
        return Ok(());
    }
    let is_person = event.actor().is_person();
    let severity = if follows || is_person || namespaces.len() < MIN_NAMESPACES {
        ORDINARY_LOGS.severity
    } else {
        MEDIUM
    };
    if follows || is_person || severity > LOW {
        // Nothing more severe can follow, so the next burst is counted from zero.
        pods.clear()?;
    } else if !Told::by_actor(event, "logs").is_news("", severity, window)? {
        return Ok(());
    }
    let user = event.actor().username();
    findings.raise(
        Finding::new(LOG_HARVEST)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
            .severity(severity)
            .attribute("distinct", seen.distinct())
            .dedup_key(format!("{user} {key}"))
            .title(format!(
                "Logs of {} pods in {} namespaces were {key} by {user}",
                seen.distinct(),
                namespaces.len()
            )),
    );
    Ok(())
}

/// Returns the namespaces of the pods in a window.
fn namespaces(seen: &Window) -> BTreeSet<&str> {
    seen.members()
        .iter()
        .filter_map(|pod| pod.split_once('/'))
        .map(|(namespace, _)| namespace)
        .collect()
}

/// Returns `NAMESPACE/POD`, from the API server's path or the kubelet's `/containerLogs`.
fn pod(event: AuditEvent<'_>) -> Option<String> {
    if event.resource_is("pods", "log") {
        return Some(format!("{}/{}", event.namespace(), event.name()));
    }
    let path = event.connect()?.path();
    let mut parts = path
        .trim_start_matches('/')
        .strip_prefix("containerLogs/")?
        .split('/');
    Some(format!("{}/{}", parts.next()?, parts.next()?))
}
