//! Mirror pods: what a kubelet shows of the pods that it runs from its own disk
//! (<https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;
use wardline_sdk::view::ObjectFacts;

const MIRROR: &str = "kubernetes.io/config.mirror";

/// Static pods that set-ups of clusters bring: kubeadm, kops, RKE2, GKE, Talos, kube-vip.
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

/// Those of the control plane itself, whose files are its own.
const CONTROL_PLANE: [&str; 4] = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
];

/// What is wrong with a mirror pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Mirror {
    /// Where it stands in the event, and its value.
    pub evidence: Vec<(String, String)>,
    pub says: &'static str,
    pub severity: f64,
    /// Whether it was made by something that is no kubelet.
    pub is_hand_made: bool,
}

/// Judges a request that made a mirror pod; none for those that clusters have.
pub fn judge(event: AuditEvent<'_>) -> Option<Mirror> {
    let (pod, place) = match (event.requested(), event.resulting()) {
        (Some(requested), _) if is_mirror(requested) => (requested, "requestObject"),
        (_, Some(resulting)) if is_mirror(resulting) => (resulting, "responseObject"),
        _ => return None,
    };
    if event.verb() != "create" || !event.resource_is("pods", "") {
        return None;
    }
    let hash = pod.annotations().get(MIRROR).unwrap_or_default();
    let mut evidence = vec![(
        format!("{place}.metadata.annotations[{MIRROR}]"),
        hash.to_owned(),
    )];
    let hand_made = |evidence, says| {
        Some(Mirror {
            evidence,
            says,
            severity: 6.0,
            is_hand_made: true,
        })
    };
    let Some(node) = event.user().node() else {
        return hand_made(evidence, "which no kubelet did");
    };
    let bound = event.workload().map_or("", |workload| workload.node_name());
    if !(bound.is_empty() || bound == node) {
        evidence.push((format!("{place}.spec.nodeName"), bound.to_owned()));
        return hand_made(evidence, "for another node");
    }
    let Some(name) = base_name(event, node) else {
        evidence.push(("objectRef.name".to_owned(), event.name().to_owned()));
        return hand_made(evidence, "under a name that no kubelet gives");
    };
    // A kubelet can call itself what it likes, but does not.
    let is_kubelet = event.user_agent().is_empty() || event.user_agent().starts_with("kubelet");
    if !is_kubelet {
        evidence.push(("userAgent".to_owned(), event.user_agent().to_owned()));
        return hand_made(evidence, "with another client than the kubelet");
    }
    let is_sensitive = namespace::is_sensitive(event.namespace());
    if is_sensitive && (USUAL.contains(&name) || event.namespace().starts_with("openshift-")) {
        return None;
    }
    if !is_hash(hash) {
        return hand_made(evidence, "with a hash that no kubelet writes");
    }
    evidence.push((
        "objectRef.namespace".to_owned(),
        event.namespace().to_owned(),
    ));
    evidence.push(("objectRef.name".to_owned(), event.name().to_owned()));
    Some(Mirror {
        evidence,
        says: if is_sensitive {
            "of a kind that few clusters have"
        } else {
            "outside of the cluster's own namespaces"
        },
        severity: if is_sensitive { 2.0 } else { 3.0 },
        is_hand_made: false,
    })
}

/// Whether this is a part of the control plane as its kubelet shows it. The object makes
/// nothing run.
pub fn is_control_plane(event: AuditEvent<'_>) -> bool {
    let (Some(node), Some(pod)) = (event.user().node(), event.object_facts()) else {
        return false;
    };
    is_mirror(pod)
        && event.namespace() == "kube-system"
        && base_name(event, node).is_some_and(|name| CONTROL_PLANE.contains(&name))
}

fn is_mirror(pod: ObjectFacts<'_>) -> bool {
    pod.annotations().has(MIRROR)
}

/// The name of the pod in its file: kubelets add their node's name.
fn base_name<'a>(event: AuditEvent<'a>, node: &str) -> Option<&'a str> {
    event
        .name()
        .strip_suffix(&node.to_ascii_lowercase())?
        .strip_suffix('-')
}

/// Whether a text is an MD5 sum in hexadecimal, with which kubelets tell files from each other
/// (`pkg/kubelet/config/common.go`), or the UID that a file may have in its place.
fn is_hash(text: &str) -> bool {
    text.len() >= 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}
