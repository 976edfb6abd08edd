//! Nodes that are cordoned, drained, or deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::{inventory, state};

use crate::types::{DRAINED_BY_SERVICE_ACCOUNT, FEW_EVICTIONS, NODES_DRAINED};

/// Minimum number of nodes for a finding about a service account, which an autoscaler or node
/// manager rarely reaches.
const MIN_NODES_OF_SERVICE_ACCOUNT: u32 = 10;
/// Maximum number of requests in a window.
const MAX_REQUESTS: u32 = 300;
/// Minimum number of nodes from which pods are evicted for more than Low.
const MIN_EVICTING_NODES: usize = 2;
/// Minimum number of evicted pods for more than Low, if the inventory does not know their
/// nodes.
const MIN_EVICTED_PODS: usize = 5;

/// Counts a node that is drained, and raises a finding if there were several.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(step) = step(event) else {
        return Ok(());
    };
    let is_service_account = event.actor().is_service_account();
    let threshold = if is_service_account {
        threshold.max(MIN_NODES_OF_SERVICE_ACCOUNT)
    } else {
        threshold
    };
    let seen = state::actor(event)
        .key("nodes")
        .window(window, MAX_REQUESTS)
        .observe(&step)?;
    let drain = Drain::from_steps(seen.members());
    if u32::try_from(drain.nodes.len()).is_ok_and(|nodes| nodes < threshold) {
        return Ok(());
    }
    let severity = if is_service_account {
        DRAINED_BY_SERVICE_ACCOUNT.severity
    } else if drain.evicts() {
        MEDIUM
    } else {
        FEW_EVICTIONS.severity
    };
    // Once for each severity, since a drain that continues is the same drain.
    if !state::actor(event)
        .key("nodes/raised")
        .first_seen(&severity.to_string(), window)?
    {
        return Ok(());
    }
    let user = event.actor().username();
    let nodes: Vec<&str> = drain.nodes.into_iter().collect();
    let finding = Finding::new(NODES_DRAINED)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .evidence(event, "objectRef.name", nodes.join(", "))
        .attribute("distinct", nodes.len())
        .severity(severity)
        .dedup_key(user)
        .title(format!(
            "{} nodes were cordoned, drained, or deleted by {user}",
            nodes.len()
        ));
    findings.raise(finding);
    Ok(())
}

/// Summary of the requests in a window.
#[derive(Debug, Default, PartialEq)]
struct Drain<'s> {
    /// All nodes that are concerned.
    nodes: BTreeSet<&'s str>,
    /// Nodes from which pods are evicted.
    evicting: BTreeSet<&'s str>,
    /// Number of evicted pods whose nodes are not known.
    pods: usize,
}

impl<'s> Drain<'s> {
    fn from_steps(steps: &'s [String]) -> Self {
        let mut drain = Self::default();
        for step in steps {
            match step.split_once(' ') {
                Some(("evicts", node)) => {
                    drain.nodes.insert(node);
                    drain.evicting.insert(node);
                }
                Some(("closes", node)) => {
                    drain.nodes.insert(node);
                }
                _ => drain.pods += 1,
            }
        }
        drain
    }

    fn evicts(&self) -> bool {
        self.evicting.len() >= MIN_EVICTING_NODES || self.pods >= MIN_EVICTED_PODS
    }
}

/// Returns the effect of a request: `evicts NODE` if a pod is evicted or a taint evicts pods,
/// `closes NODE` if the node is cordoned or deleted, or `pod NAMESPACE/NAME` if the node of an
/// evicted pod is not known.
fn step(event: AuditEvent<'_>) -> Option<String> {
    let name = event.name();
    if event.resource_is("pods", "eviction") {
        let pod = inventory::pod_spec(event, "pods", event.namespace(), name);
        let node = pod.as_ref().map(|pod| pod.workload().node_name());
        return Some(match node {
            None | Some("") => format!("pod {}/{name}", event.namespace()),
            Some(node) => format!("evicts {node}"),
        });
    }
    if event.verb() == "delete" {
        return Some(format!("closes {name}"));
    }
    let Facts::Node(node) = event.requested()?.facts() else {
        return None;
    };
    if node.taints().any(|taint| taint.ends_with(":NoExecute")) {
        return Some(format!("evicts {name}"));
    }
    node.unschedulable().then(|| format!("closes {name}"))
}
