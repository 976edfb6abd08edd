//! What everybody may ask of every cluster.

use crate::AuditEvent;

/// Paths that `system:public-info-viewer` opens to all
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>), and
/// what clusters publish so that others can verify their service accounts' tokens
/// (OpenID Connect Discovery).
const PATHS: [&str; 7] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/.well-known/openid-configuration",
    "/openid/v1/jwks",
    // Browsers ask for it.
    "/favicon.ico",
];

/// Whether a request is one that every cluster answers without a credential: health,
/// version, the keys of its tokens, and what `kubeadm join` reads first.
#[must_use]
pub fn is_public(event: AuditEvent<'_>) -> bool {
    let Some(object) = event.object() else {
        let path = event.path().trim_end_matches('/');
        return PATHS.iter().any(|public| {
            path.strip_prefix(public)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    };
    // What `kubeadm join` asks before it has any credential (KEP-3279 and
    // https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/).
    object.resource() == "configmaps"
        && object.namespace() == "kube-public"
        && object.name() == "cluster-info"
        && matches!(event.verb(), "get" | "watch" | "list")
}
