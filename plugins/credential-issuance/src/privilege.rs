//! Whether an identity stands above others.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;

/// Roles that are as good as all rights in the cluster, or in a namespace
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>).
const ROLES: [&str; 2] = ["cluster-admin", "admin"];

/// Namespaces whose operators, as their projects install them, may change most of the cluster.
const OPERATORS: [&str; 6] = [
    "argocd",
    "crossplane-system",
    "flux-system",
    "olm",
    "openshift-gitops",
    "velero",
];

/// Groups that hold all rights, or a node's.
const GROUPS: [&str; 3] = ["system:masters", "kubeadm:cluster-admins", "system:nodes"];

/// Names that installers give to administrators.
const NAMES: [&str; 4] = [
    "cluster-admin",
    "kube-admin",
    "kubernetes-admin",
    "kubernetes-super-admin",
];

/// Whether a role holds all rights.
pub fn is_admin_role(role: &str) -> bool {
    ROLES.contains(&role)
}

/// Why a service account is a privileged one, or none: its namespace, or what the log has told
/// of its bindings.
pub fn of_service_account(event: AuditEvent<'_>, namespace: &str, name: &str) -> Option<String> {
    if namespace::is_sensitive(namespace) || OPERATORS.contains(&namespace) {
        return Some(format!("namespace {namespace}"));
    }
    let subject = format!("system:serviceaccount:{namespace}:{name}");
    let bindings = inventory::bindings(event, &subject);
    bindings
        .iter()
        .find(|binding| is_admin_role(binding.role_name()))
        .map(|binding| format!("role {} by {}", binding.role_name(), binding.name()))
}

/// Whether a certificate with this subject is that of an administrator, or takes a name that
/// Kubernetes reserves: a component's, a node's, a service account's.
pub fn is_of_certificate<'t>(
    common_name: &str,
    mut organizations: impl Iterator<Item = &'t str>,
) -> bool {
    organizations.any(|group| GROUPS.contains(&group))
        || NAMES.contains(&common_name)
        || common_name.starts_with("system:")
}
