//! Nodes that are cordoned, drained, or deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::{inventory, state};

use crate::is_robot;
use crate::types::{DRAINED_BY_SERVICE_ACCOUNT, FEW_EVICTIONS, NODES_DRAINED};

/// Minimum number of nodes for a finding about a service account, which an autoscaler or node
/// manager rarely reaches.
const MIN_NODES_OF_SERVICE_ACCOUNT: u32 = 10;
/// Number of evicted pods that is reported even if the inventory does not know their nodes.
const MANY_EVICTED_PODS: usize = 20;
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
    let is_robot = is_robot(event);
    let threshold = if is_robot {
        threshold.max(MIN_NODES_OF_SERVICE_ACCOUNT)
    } else {
        threshold
    };
    let seen = state::actor(event)
        .key("nodes")
        .window(window, MAX_REQUESTS)
        .observe(&step)?;
    let drain = Drain::from_steps(seen.members());
    let is_many = u32::try_from(drain.nodes.len()).is_ok_and(|nodes| nodes >= threshold);
    // A log that does not know the nodes of pods shows a drain by its evictions only.
    let is_unknown_drain = !is_robot && drain.pods >= MANY_EVICTED_PODS;
    if !is_many && !is_unknown_drain {
        return Ok(());
    }
    let severity = if is_robot {
        DRAINED_BY_SERVICE_ACCOUNT.severity
    } else if is_many && drain.evicts() {
        MEDIUM
    } else {
        FEW_EVICTIONS.severity
    };
    // Once for each severity, since a drain that continues is the same drain.
    if !Told::by_actor(event, "drained").is_news("", severity, window)? {
        return Ok(());
    }
    let user = event.actor().username();
    let pods = drain.pods;
    let nodes: Vec<&str> = drain.nodes.into_iter().collect();
    let finding = Finding::new(NODES_DRAINED)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .evidence(event, "objectRef.name", nodes.join(", "))
        .attribute("distinct", nodes.len())
        .attribute("pods-of-unknown-nodes", pods)
        .severity(severity)
        .dedup_key(user)
        .title(if is_many {
            format!(
                "{} nodes were cordoned, drained, or deleted by {user}",
                nodes.len()
            )
        } else {
            format!("{pods} pods of unknown nodes were evicted by {user}")
        });
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
