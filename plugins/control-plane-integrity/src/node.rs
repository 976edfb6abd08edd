//! Node objects that are written by who is neither the node nor the control plane.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::view::{NodeFacts, ObjectFacts};

use crate::report::{LOW, TUNING, Weakness, weaknesses};

pub const TAMPERED: &str = "Persistence:Kubernetes/NodeTampered";

/// Labels by which a node counts as one of the control plane, and those of which a kubelet
/// itself may not have a say
/// (<https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction>).
const LABELS: [&str; 3] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node-restriction.kubernetes.io/",
];

/// The finding of a change to a node, if any.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    // Kubelets, the node controller, cloud controllers, autoscalers, network plugins.
    if !change.requester.is_foreign() {
        return None;
    }
    let is_status = event.resource_is("nodes", "status");
    let requested = event.requested();
    let is_person = change.requester == Requester::Person;
    let mut found = Vec::new();
    if change.is_new && !is_status {
        found.push(Weakness::new(
            "objectRef.name",
            event.name(),
            "no kubelet registered it",
            LOW,
        ));
    }
    if is_status {
        let addresses = requested
            .and_then(node)
            .map(|node| node.addresses().join(", "));
        match addresses.filter(|addresses| !addresses.is_empty() && event.verb() == "patch") {
            // The API server calls the kubelet there: exec, logs, proxy.
            Some(addresses) => found.push(Weakness::new(
                "requestObject.status.addresses",
                addresses,
                "its address is another",
                5.0,
            )),
            None if change.json_patch_names("status/addresses")
                && event.verb() == "patch"
                && requested.is_some_and(|object| node(object).is_none()) =>
            {
                found.push(Weakness::new(
                    "requestObject",
                    "/status/addresses",
                    "its address is another",
                    5.0,
                ));
            }
            // Device plugins and problem detectors write what they find.
            None if is_person => found.push(Weakness::new(
                "objectRef.subresource",
                "status",
                "its status was written by hand",
                LOW,
            )),
            None => {}
        }
    } else if is_person && !change.is_new {
        found.extend(labels(event));
        found.extend(taints(event));
    }
    let what = format!("the node {}", event.name());
    weaknesses(change, TAMPERED, &what, found, |severity| {
        change.severity(severity)
    })
}

fn node(object: ObjectFacts<'_>) -> Option<NodeFacts<'_>> {
    match object.facts() {
        Facts::Node(node) => Some(node),
        _ => None,
    }
}

fn labels(event: AuditEvent<'_>) -> Option<Weakness> {
    if event.verb() != "patch" {
        return None;
    }
    let requested = event.requested()?;
    // kubeadm marks a new node of the control plane with label and taint at once.
    if node(requested).is_some_and(|node| node.taints().any(is_control_plane)) {
        return None;
    }
    let label = requested
        .labels()
        .find(|label| LABELS.iter().any(|known| label.key().starts_with(known)))?;
    Some(Weakness::new(
        format!("requestObject.metadata.labels[{}]", label.key()),
        label.value(),
        format!("it has the label {}", label.key()),
        LOW,
    ))
}

fn is_control_plane(label_or_taint: &str) -> bool {
    label_or_taint.starts_with("node-role.kubernetes.io/control-plane")
        || label_or_taint.starts_with("node-role.kubernetes.io/master")
}

/// A node of the control plane that takes every pod from now on.
fn taints(event: AuditEvent<'_>) -> Option<Weakness> {
    let resulting = event.resulting()?;
    let labelled = resulting
        .labels()
        .any(|label| is_control_plane(label.key()));
    let tainted = node(resulting)?.taints().any(is_control_plane);
    let patch = raw::json(event, "/requestObject").ok().flatten()?;
    (labelled && !tainted && wardline_sdk::text::contains(&patch, "taints")).then(|| {
        Weakness::new(
            "responseObject.spec.taints",
            node(resulting).map_or_else(String::new, |node| node.taints().join(", ")),
            "it takes ordinary pods, and is one of the control plane",
            LOW,
        )
    })
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPERED, 5.0)
        .title("A node was changed by hand")
        .description(
            "A Node object was written by who is neither its kubelet nor the control plane: its address, \
             where the API server looks for its kubelet, or what draws pods to it.",
        )
        .technique("T1565.001")
        .technique("T1098")
        .severity_rule("5.0 if its address was changed")
        .severity_rule("3.0 if a person made a node, wrote its status, gave it a label of the control plane, or took the taint of one away")
        .severity_rule("3.0 if the object carries the labels of a package")
        .remediation(
            "Compare the node's addresses, labels and taints with the machine's; delete a node that no \
             machine stands behind. Look at what was run, logged or scheduled there.",
        )
        .false_positives(
            "Extended resources that are advertised by hand; clusters of one node. Ordinary labels and \
             taints are not reported.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and node")
        .reference("https://kubernetes.io/docs/reference/node/node-labels/")]
}
