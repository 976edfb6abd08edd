//! Node objects that an identity other than the node and the control plane writes.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{JsonPatch, ObjectChange, Requester};
use wardline_sdk::view::{NodeFacts, ObjectFacts};

use crate::report::{TUNING, Weakness, weaknesses};

pub const TAMPERED: &str = "Persistence:Kubernetes/NodeTampered";

const ADDRESS: SeverityRule = SeverityRule::new(MEDIUM, "its address was changed");
const UNREGISTERED: SeverityRule = SeverityRule::new(LOW, "no kubelet registered it");
const STATUS: SeverityRule = SeverityRule::new(LOW, "a person wrote its status");
const LABEL: SeverityRule = SeverityRule::new(LOW, "a person set a label of the control plane");
const TAINT: SeverityRule = SeverityRule::new(LOW, "a person removed the control-plane taint");

/// Labels that mark a node of the control plane, and labels that a kubelet must not set itself
/// (<https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction>).
const LABELS: [&str; 3] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node-restriction.kubernetes.io/",
];

/// Judges a request that created or changed a node.
pub fn judge(change: &ObjectChange<'_>) -> Option<Finding> {
    let event = change.event;
    // For example kubelets, the node controller, cloud controllers, autoscalers, network plugins.
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
            UNREGISTERED,
        ));
    }
    if is_status {
        let addresses = requested
            .and_then(node)
            .map(|node| node.addresses().join(", "));
        match addresses.filter(|addresses| !addresses.is_empty() && event.verb() == "patch") {
            // The API server connects to the kubelet there for exec, logs, and proxy.
            Some(addresses) => found.push(Weakness::new(
                "requestObject.status.addresses",
                addresses,
                "its address was changed",
                ADDRESS,
            )),
            None if event.verb() == "patch"
                && JsonPatch::from_event(event).names("status/addresses")
                && requested.is_some_and(|object| node(object).is_none()) =>
            {
                found.push(Weakness::new(
                    "requestObject",
                    "/status/addresses",
                    "its address was changed",
                    ADDRESS,
                ));
            }
            // Device plugins and problem detectors write the status as service accounts.
            None if is_person => found.push(Weakness::new(
                "objectRef.subresource",
                "status",
                "its status was written by a person",
                STATUS,
            )),
            None => {}
        }
    } else if is_person && !change.is_new {
        found.extend(labels(event));
        found.extend(taints(event));
    }
    let object = format!("Node {}", event.name());
    weaknesses(change, TAMPERED, &object, found, |severity| {
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
    // kubeadm sets the label and the taint of a new control-plane node in one patch.
    if node(requested).is_some_and(|node| node.taints().any(is_control_plane)) {
        return None;
    }
    let label = requested
        .labels()
        .find(|label| LABELS.iter().any(|known| label.key().starts_with(known)))?;
    Some(Weakness::new(
        format!("requestObject.metadata.labels[{}]", label.key()),
        label.value(),
        format!("label {} was set", label.key()),
        LABEL,
    ))
}

fn is_control_plane(label_or_taint: &str) -> bool {
    label_or_taint.starts_with("node-role.kubernetes.io/control-plane")
        || label_or_taint.starts_with("node-role.kubernetes.io/master")
}

/// Finds a control-plane node that lost its taint and now accepts ordinary pods.
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
            "its control-plane taint was removed",
            TAINT,
        )
    })
}

pub fn types() -> [FindingType; 1] {
    [FindingType::new(TAMPERED, MEDIUM)
        .title("A Node object was modified by an unexpected identity")
        .description(
            "A Node object was written by an identity other than its kubelet and the control plane. The API \
             server sends exec, logs, and proxy requests to the address in it; labels and taints decide \
             which pods run on the node.",
        )
        .technique("T1565.001")
        .technique("T1098")
        .severity_rules([
            ADDRESS,
            UNREGISTERED,
            STATUS,
            LABEL,
            TAINT,
            ObjectChange::PACKAGED,
            ObjectChange::RESENT,
        ])
        .remediation(
            "Compare the node's addresses, labels, and taints with the machine's. Delete a node that has no \
             machine. Inspect what was run, logged, or scheduled there.",
        )
        .false_positives(
            "Extended resources that are advertised by hand, and single-node clusters. Ordinary labels and \
             taints are not reported.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and node")
        .reference("https://kubernetes.io/docs/reference/node/node-labels/")]
}
