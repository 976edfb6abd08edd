//! The resources that Kubernetes serves
//! (<https://kubernetes.io/docs/reference/kubernetes-api/>, v1.36), and a few others that most
//! clusters have.

use super::Level;

/// One resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub group: &'static str,
    pub resource: &'static str,
    /// Whether the resource is namespaced.
    pub namespaced: bool,
    pub subresources: &'static [&'static str],
}

const fn namespaced(
    group: &'static str,
    resource: &'static str,
    subresources: &'static [&'static str],
) -> Known {
    Known {
        group,
        resource,
        namespaced: true,
        subresources,
    }
}

const fn of_cluster(
    group: &'static str,
    resource: &'static str,
    subresources: &'static [&'static str],
) -> Known {
    Known {
        group,
        resource,
        namespaced: false,
        subresources,
    }
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

/// All known resources.
pub(super) const KNOWN: &[Known] = &[
    namespaced(
        "",
        "pods",
        &[
            "attach",
            "binding",
            "ephemeralcontainers",
            "eviction",
            "exec",
            "log",
            "portforward",
            "proxy",
            "resize",
            "status",
        ],
    ),
    namespaced("", "bindings", &[]),
    namespaced("", "configmaps", &[]),
    namespaced("", "endpoints", &[]),
    namespaced("", "events", &[]),
    namespaced("", "limitranges", &[]),
    namespaced("", "persistentvolumeclaims", &["status"]),
    namespaced("", "podtemplates", &[]),
    namespaced("", "replicationcontrollers", &["scale", "status"]),
    namespaced("", "resourcequotas", &["status"]),
    namespaced("", "secrets", &[]),
    namespaced("", "serviceaccounts", &["token"]),
    namespaced("", "services", &["proxy", "status"]),
    of_cluster("", "namespaces", &["finalize", "status"]),
    of_cluster("", "nodes", &["proxy", "status"]),
    of_cluster("", "persistentvolumes", &["status"]),
    of_cluster(ADMISSION, "mutatingadmissionpolicies", &[]),
    of_cluster(ADMISSION, "mutatingadmissionpolicybindings", &[]),
    of_cluster(ADMISSION, "mutatingwebhookconfigurations", &[]),
    of_cluster(ADMISSION, "validatingadmissionpolicies", &["status"]),
    of_cluster(ADMISSION, "validatingadmissionpolicybindings", &[]),
    of_cluster(ADMISSION, "validatingwebhookconfigurations", &[]),
    of_cluster(
        "apiextensions.k8s.io",
        "customresourcedefinitions",
        &["status"],
    ),
    of_cluster("apiregistration.k8s.io", "apiservices", &["status"]),
    namespaced("apps", "daemonsets", &["status"]),
    namespaced("apps", "deployments", &["scale", "status"]),
    namespaced("apps", "replicasets", &["scale", "status"]),
    namespaced("apps", "statefulsets", &["scale", "status"]),
    of_cluster(AUTHENTICATION, "selfsubjectreviews", &[]),
    of_cluster(AUTHENTICATION, "tokenreviews", &[]),
    namespaced(AUTHORIZATION, "localsubjectaccessreviews", &[]),
    of_cluster(AUTHORIZATION, "selfsubjectaccessreviews", &[]),
    of_cluster(AUTHORIZATION, "selfsubjectrulesreviews", &[]),
    of_cluster(AUTHORIZATION, "subjectaccessreviews", &[]),
    namespaced("autoscaling", "horizontalpodautoscalers", &["status"]),
    namespaced("batch", "cronjobs", &["status"]),
    namespaced("batch", "jobs", &["status"]),
    of_cluster(
        "certificates.k8s.io",
        "certificatesigningrequests",
        &["approval", "status"],
    ),
    of_cluster("certificates.k8s.io", "clustertrustbundles", &[]),
    namespaced("coordination.k8s.io", "leases", &[]),
    namespaced("discovery.k8s.io", "endpointslices", &[]),
    namespaced("events.k8s.io", "events", &[]),
    of_cluster("flowcontrol.apiserver.k8s.io", "flowschemas", &[]),
    of_cluster("networking.k8s.io", "ingressclasses", &[]),
    namespaced("networking.k8s.io", "ingresses", &["status"]),
    namespaced("networking.k8s.io", "networkpolicies", &[]),
    of_cluster("node.k8s.io", "runtimeclasses", &[]),
    namespaced("policy", "poddisruptionbudgets", &["status"]),
    of_cluster(RBAC, "clusterrolebindings", &[]),
    of_cluster(RBAC, "clusterroles", &[]),
    namespaced(RBAC, "rolebindings", &[]),
    namespaced(RBAC, "roles", &[]),
    of_cluster("scheduling.k8s.io", "priorityclasses", &[]),
    of_cluster("storage.k8s.io", "csidrivers", &[]),
    of_cluster("storage.k8s.io", "storageclasses", &[]),
    of_cluster("storage.k8s.io", "volumeattachments", &["status"]),
    namespaced("snapshot.storage.k8s.io", "volumesnapshots", &["status"]),
    of_cluster(
        "snapshot.storage.k8s.io",
        "volumesnapshotcontents",
        &["status"],
    ),
    namespaced("gateway.networking.k8s.io", "gateways", &["status"]),
    namespaced("gateway.networking.k8s.io", "httproutes", &["status"]),
];

/// Returns the resources with this name in any group.
pub(super) fn named(resource: &str) -> impl Iterator<Item = &'static Known> {
    KNOWN.iter().filter(move |known| known.resource == resource)
}

/// Returns whether a resource belongs to one of `groups` (or to any group, if empty) but not to
/// `group`.
///
/// A subscription to `pods` and `deployments` in the groups of both does not mean deployments
/// in the core group.
pub(super) fn is_elsewhere(resource: &str, group: &str, groups: &[String]) -> bool {
    let serves = |group: &str| named(resource).any(|known| known.group == group);
    let elsewhere = match groups {
        [] => named(resource).next().is_some(),
        groups => groups.iter().any(|one| serves(one)),
    };
    elsewhere && !serves(group)
}

/// API groups and resources whose objects contain secrets, with the highest level that keeps
/// these out of the log. The request for a token does not contain it, but the response does.
pub(super) const SECRETS: [(&str, &str, Level); 3] = [
    ("", "secrets", Level::Metadata),
    ("", "serviceaccounts/token", Level::Request),
    ("authentication.k8s.io", "tokenreviews", Level::Metadata),
];

/// Returns the highest level at which no secret of these objects is recorded.
pub(super) fn safe_level(group: &str, resource: &str, subresource: &str) -> Level {
    SECRETS
        .iter()
        .find(|(known_group, known, _)| {
            let (name, below) = known.split_once('/').unwrap_or((known, ""));
            (*known_group, name, below) == (group, resource, subresource)
        })
        .map_or(Level::RequestResponse, |(_, _, level)| *level)
}
