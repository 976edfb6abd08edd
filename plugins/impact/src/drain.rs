//! Nodes that are cordoned, emptied or deleted.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::{inventory, state};

use crate::types::NODES_DRAINED;

/// From how many nodes on it is worth a line that an autoscaler or node manager takes them.
const ROBOT_LEAST: u32 = 10;
const LOW: f64 = 3.0;

/// Counts a node that is emptied, and raises a finding if there were several.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(node) = emptied(event) else {
        return Ok(());
    };
    let is_robot = event.actor().service_account().is_some();
    let least = if is_robot {
        least.max(ROBOT_LEAST)
    } else {
        least
    };
    let nodes = state::actor(event)
        .key("nodes")
        .window(window, least.saturating_mul(20));
    let seen = nodes.observe(&node)?;
    if seen.distinct() < least {
        return Ok(());
    }
    nodes.clear()?;
    let user = event.actor().username();
    let mut finding = Finding::new(NODES_DRAINED)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .evidence(event, "objectRef.name", seen.members().join(", "))
        .attribute("distinct", seen.distinct())
        .dedup_key(user)
        .title(format!(
            "{user} cordoned, emptied or deleted {} nodes",
            seen.distinct()
        ));
    if is_robot {
        finding = finding.severity(LOW);
    }
    findings.raise(finding);
    Ok(())
}

/// The node that a request takes pods from: it is deleted, cordoned or given a taint that
/// evicts, or a pod is evicted from it.
fn emptied(event: AuditEvent<'_>) -> Option<String> {
    if event.resource_is("pods", "eviction") {
        let pod = inventory::pod_spec(event, "pods", event.namespace(), event.name())?;
        let node = pod.workload().node_name().to_owned();
        return (!node.is_empty()).then_some(node);
    }
    let is_emptied = event.verb() == "delete"
        || matches!(event.requested()?.facts(), Facts::Node(node)
            if node.unschedulable() || node.taints().any(|taint| taint.ends_with(":NoExecute")));
    is_emptied.then(|| event.name().to_owned())
}
