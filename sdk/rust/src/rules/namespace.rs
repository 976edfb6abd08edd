//! Namespaces of cluster components.

/// Namespaces of Kubernetes itself
/// (<https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces>).
const KUBERNETES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

/// Namespaces (or their prefixes) that distributions and clouds create in every cluster:
/// OpenShift, GKE, AKS, EKS, Rancher.
const DISTRIBUTIONS: [&str; 8] = [
    "openshift-",
    "gke-managed-",
    "gke-gmp-system",
    "gmp-system",
    "aks-",
    "amazon-guardduty",
    "cattle-system",
    "config-management-system",
];

/// Returns whether a namespace belongs to Kubernetes itself: `kube-system`, `kube-public`,
/// `kube-node-lease`.
#[must_use]
pub fn is_kubernetes(namespace: &str) -> bool {
    KUBERNETES.contains(&namespace)
}

/// Returns whether control of a namespace means control of much of the cluster: it belongs to
/// Kubernetes itself, or to a distribution or cloud.
#[must_use]
pub fn is_sensitive(namespace: &str) -> bool {
    is_kubernetes(namespace)
        || DISTRIBUTIONS
            .iter()
            .any(|prefix| namespace.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::{is_kubernetes, is_sensitive};

    #[test]
    fn tells_namespaces_of_the_cluster() {
        for (namespace, kubernetes, sensitive) in [
            ("kube-system", true, true),
            ("kube-node-lease", true, true),
            ("openshift-etcd", false, true),
            ("kube-system-2", false, false),
            ("default", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_kubernetes(namespace), kubernetes, "{namespace}");
            assert_eq!(is_sensitive(namespace), sensitive, "{namespace}");
        }
    }
}
