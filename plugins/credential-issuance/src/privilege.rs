//! Privileged roles, service accounts, and certificate subjects.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace;

/// Roles that grant all permissions in the cluster or in a namespace
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>).
const ROLES: [&str; 2] = ["cluster-admin", "admin"];

/// Namespaces of Kubernetes operators that can change most of the cluster in their default
/// installation.
const OPERATORS: [&str; 6] = [
    "argocd",
    "crossplane-system",
    "flux-system",
    "olm",
    "openshift-gitops",
    "velero",
];

/// Groups of administrators and of nodes.
const GROUPS: [&str; 3] = ["system:masters", "kubeadm:cluster-admins", "system:nodes"];

/// User names that installers give to administrators.
const NAMES: [&str; 4] = [
    "cluster-admin",
    "kube-admin",
    "kubernetes-admin",
    "kubernetes-super-admin",
];

/// Whether a role grants all permissions.
pub fn is_admin_role(role: &str) -> bool {
    ROLES.contains(&role)
}

/// Returns why a service account is privileged, by its namespace or by its known bindings, or none
/// if it is not.
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

/// Whether a certificate with this subject belongs to an administrator, or has a name that
/// Kubernetes reserves for components, nodes, and service accounts.
pub fn is_of_certificate<'t>(
    common_name: &str,
    mut organizations: impl Iterator<Item = &'t str>,
) -> bool {
    organizations.any(|group| GROUPS.contains(&group))
        || NAMES.contains(&common_name)
        || common_name.starts_with("system:")
}
