//! Mirror pods: the API objects that a kubelet creates for the static pods on its disk
//! (<https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;
use wardline_sdk::view::ObjectFacts;

use crate::types::{HAND_MADE, OUTSIDE_SYSTEM, UNCOMMON};

const MIRROR: &str = "kubernetes.io/config.mirror";

/// Static pods of common installers: kubeadm, kops, RKE2, GKE, Talos, kube-vip.
const USUAL: [&str; 16] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kube-vip",
    "kube-addon-manager",
    "cloud-controller-manager",
    "etcd-manager-main",
    "etcd-manager-events",
    "haproxy",
    "keepalived",
    "konnectivity-server",
    "kube-apiserver-healthcheck",
    "l7-lb-controller",
    "nginx-proxy",
];

/// Static pods of the control plane, which mount its own files.
const CONTROL_PLANE: [&str; 4] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
];

/// An unusual mirror pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Mirror {
    /// Fields of the event with their values.
    pub evidence: Vec<(String, String)>,
    /// A phrase for the title.
    pub reason: &'static str,
    pub rule: SeverityRule,
    /// Whether the pod was not created by a kubelet.
    pub is_hand_made: bool,
}

/// Judges a request that created a mirror pod. Returns `None` for the usual ones.
pub fn judge(event: AuditEvent<'_>) -> Option<Mirror> {
    let (pod, body) = match (event.requested(), event.resulting()) {
        (Some(requested), _) if is_mirror(requested) => (requested, "requestObject"),
        (_, Some(resulting)) if is_mirror(resulting) => (resulting, "responseObject"),
        _ => return None,
    };
    if event.verb() != "create" || !event.resource_is("pods", "") {
        return None;
    }
    let hash = pod.annotations().get(MIRROR).unwrap_or_default();
    let mut evidence = vec![(
        format!("{body}.metadata.annotations[{MIRROR}]"),
        hash.to_owned(),
    )];
    let hand_made = |evidence, reason| {
        Some(Mirror {
            evidence,
            reason,
            rule: HAND_MADE,
            is_hand_made: true,
        })
    };
    let bound = event.workload().map_or("", |workload| workload.node_name());
    let Some(node) = node(event, bound) else {
        return hand_made(evidence, "not a kubelet");
    };
    if !(bound.is_empty() || bound == node) {
        evidence.push((format!("{body}.spec.nodeName"), bound.to_owned()));
        return hand_made(evidence, "bound to another node");
    }
    let Some(name) = base_name(event, node) else {
        evidence.push(("objectRef.name".to_owned(), event.name().to_owned()));
        return hand_made(evidence, "name without the node's suffix");
    };
    // A user agent can be forged, but a kubelet has no reason to change its own.
    let is_kubelet = event.user_agent().is_empty() || event.user_agent().starts_with("kubelet");
    if !is_kubelet {
        evidence.push(("userAgent".to_owned(), event.user_agent().to_owned()));
        return hand_made(evidence, "client is not the kubelet");
    }
    let is_sensitive = namespace::is_sensitive(event.namespace());
    if is_sensitive && (USUAL.contains(&name) || event.namespace().starts_with("openshift-")) {
        return None;
    }
    if !is_hash(hash) {
        return hand_made(evidence, "malformed manifest hash");
    }
    evidence.push((
        "objectRef.namespace".to_owned(),
        event.namespace().to_owned(),
    ));
    evidence.push(("objectRef.name".to_owned(), event.name().to_owned()));
    Some(Mirror {
        evidence,
        reason: if is_sensitive {
            "uncommon static pod"
        } else {
            "outside of the system namespaces"
        },
        rule: if is_sensitive {
            UNCOMMON
        } else {
            OUTSIDE_SYSTEM
        },
        is_hand_made: false,
    })
}

/// Returns the node whose kubelet made the request: the one that its user name tells, or the one
/// that the pod is bound to, if one certificate serves all kubelets.
fn node<'a>(event: AuditEvent<'a>, bound: &'a str) -> Option<&'a str> {
    let user = event.user();
    user.node()
        .or_else(|| (user.is_kubelet() && !bound.is_empty()).then_some(bound))
}

/// Whether this is the mirror pod of a control-plane component. The object itself runs nothing.
pub fn is_control_plane(event: AuditEvent<'_>) -> bool {
    let bound = event.workload().map_or("", |workload| workload.node_name());
    let (Some(node), Some(pod)) = (node(event, bound), event.object_facts()) else {
        return false;
    };
    is_mirror(pod)
        && event.namespace() == "kube-system"
        && base_name(event, node).is_some_and(|name| CONTROL_PLANE.contains(&name))
}

fn is_mirror(pod: ObjectFacts<'_>) -> bool {
    pod.annotations().has(MIRROR)
}

/// Returns the name of the pod in its manifest, without the node name that the kubelet appends.
fn base_name<'a>(event: AuditEvent<'a>, node: &str) -> Option<&'a str> {
    event
        .name()
        .strip_suffix(&node.to_ascii_lowercase())?
        .strip_suffix('-')
}

/// Whether a text is the hexadecimal MD5 sum by which kubelets identify manifests
/// (`pkg/kubelet/config/common.go`), or the UID that a manifest may set instead.
fn is_hash(text: &str) -> bool {
    text.len() >= 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
