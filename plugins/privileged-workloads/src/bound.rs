//! Pods that a user placed on a chosen node, bypassing the scheduler and taints.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;

use crate::types::{CONTROL_PLANE_NODE, OTHER_NODE};

/// A pod, or a workload's pods, and the node that was chosen for them.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The field of the event that names the node.
    pub field: String,
    /// The name of the node; empty if the log does not contain it.
    pub node: String,
    pub rule: SeverityRule,
}

/// Returns the node that a submitted pod spec names. The DaemonSet controller sets an affinity
/// instead, and the scheduler creates a binding.
pub fn by_spec(
    event: AuditEvent<'_>,
    workload: Workload<'_>,
    spec_path: &str,
    before: Option<Workload<'_>>,
) -> Option<Bound> {
    let node = workload.node_name();
    let requester = Requester::from_event(event);
    if node.is_empty()
        || !requester.is_foreign()
        || before.is_some_and(|before| before.node_name() == node)
    {
        return None;
    }
    // Changes of a running pod carry the node that the scheduler chose.
    if event.resource_is("pods", "") && event.verb() != "create"
        || event.resource_is("pods", "ephemeralcontainers")
    {
        return None;
    }
    Some(Bound {
        field: format!("{spec_path}.nodeName"),
        node: node.to_owned(),
        rule: rule(requester, node),
    })
}

/// Returns the node that a user other than the scheduler bound a pod to.
pub fn by_binding(event: AuditEvent<'_>) -> Option<Bound> {
    let requester = Requester::from_event(event);
    if !requester.is_foreign() || !event.changed_something() {
        return None;
    }
    let node = match event.facts() {
        Facts::PodBinding(node) => node,
        _ => "",
    };
    Some(Bound {
        field: if node.is_empty() {
            "objectRef.subresource".to_owned()
        } else {
            "requestObject.target.name".to_owned()
        },
        node: node.to_owned(),
        rule: rule(requester, node),
    })
}

/// Rates the choice: a person who chooses a control-plane node is likely after what runs there.
fn rule(requester: Requester, node: &str) -> SeverityRule {
    if requester == Requester::Person && is_control_plane(node) {
        CONTROL_PLANE_NODE
    } else {
        OTHER_NODE
    }
}

/// Whether a node belongs to the control plane, judging by the names that installers give.
fn is_control_plane(node: &str) -> bool {
    node.contains("control-plane")
        || node.split(['-', '.', '_']).any(|part| {
            part.starts_with("master")
                || part.starts_with("controlplane")
                || part
                    .strip_prefix("cp")
                    .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests {
    use super::is_control_plane;

    #[test]
    fn control_plane_nodes_are_recognized_by_name() {
        for (node, expected) in [
            ("kind-control-plane", true),
            ("cp-1", true),
            ("prod-cp2", true),
            ("k8s-master-0", true),
            ("node-1", false),
            ("cpu-pool-1", false),
            ("ip-10-0-1-2.ec2.internal", false),
        ] {
            assert_eq!(is_control_plane(node), expected, "{node}");
        }
    }
}
