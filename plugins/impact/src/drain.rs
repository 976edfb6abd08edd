//! Nodes that are cordoned, emptied or deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::{inventory, state};

use crate::types::NODES_DRAINED;

/// From how many nodes on it is worth a line that an autoscaler or node manager takes them.
const ROBOT_LEAST: u32 = 10;
/// How many requests are counted together.
const REMEMBERED: u32 = 300;
/// Pods are taken from this many nodes, or, where the log has not told which nodes pods are
/// on, this many pods are taken: more than nodes that are only closed to new pods.
const EVICTING_NODES: usize = 2;
const EVICTED_PODS: usize = 5;

const LOW: f64 = 3.0;
const MEDIUM: f64 = 5.0;

/// Counts a node that is emptied, and raises a finding if there were several.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(step) = step(event) else {
        return Ok(());
    };
    let is_robot = event.actor().service_account().is_some();
    let least = if is_robot {
        least.max(ROBOT_LEAST)
    } else {
        least
    };
    let seen = state::actor(event)
        .key("nodes")
        .window(window, REMEMBERED)
        .observe(&step)?;
    let emptied = Emptied::of(seen.members());
    if u32::try_from(emptied.nodes.len()).is_ok_and(|nodes| nodes < least) {
        return Ok(());
    }
    let severity = if !is_robot && emptied.evicts() {
        MEDIUM
    } else {
        LOW
    };
    // Once for each severity: a drain that goes on is the same drain.
    if !state::actor(event)
        .key("nodes/raised")
        .first_seen(&severity.to_string(), window)?
    {
        return Ok(());
    }
    let user = event.actor().username();
    let nodes: Vec<&str> = emptied.nodes.into_iter().collect();
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
            "{user} cordoned, emptied or deleted {} nodes",
            nodes.len()
        ));
    findings.raise(finding);
    Ok(())
}

/// What a window of requests did.
#[derive(Debug, Default, PartialEq)]
struct Emptied<'s> {
    nodes: BTreeSet<&'s str>,
    evicting: BTreeSet<&'s str>,
    /// Pods of nodes that are not known.
    pods: usize,
}

impl<'s> Emptied<'s> {
    fn of(steps: &'s [String]) -> Self {
        let mut emptied = Self::default();
        for step in steps {
            match step.split_once(' ') {
                Some(("evicts", node)) => {
                    emptied.nodes.insert(node);
                    emptied.evicting.insert(node);
                }
                Some(("closes", node)) => {
                    emptied.nodes.insert(node);
                }
                _ => emptied.pods += 1,
            }
        }
        emptied
    }

    fn evicts(&self) -> bool {
        self.evicting.len() >= EVICTING_NODES || self.pods >= EVICTED_PODS
    }
}

/// What a request does: `evicts NODE` if a pod is evicted from it or a taint does so, `closes
/// NODE` if it is cordoned or deleted, `pod NAMESPACE/NAME` if the node is not known.
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
