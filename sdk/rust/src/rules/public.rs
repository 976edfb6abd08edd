//! Requests that every cluster answers without a credential.

use crate::AuditEvent;

/// Paths that the role `system:public-info-viewer` allows everyone to read
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>), and those
/// that clusters publish for the verification of service account tokens (OpenID Connect Discovery).
const PATHS: [&str; 12] = [
    "/healthz",
    "/livez",
    "/readyz",
    "/version",
    "/.well-known/openid-configuration",
    "/openid/v1/jwks",
    // OAuth 2.0 Authorization Server Metadata (RFC 8414): OpenShift gives it to everybody, and each `oc
    // login` asks for it before it has a credential.
    "/.well-known/oauth-authorization-server",
    // OpenShift's login (github.com/openshift/oauth-server, pkg/oauthserver/auth.go), whose audit log has
    // the same form. A request to them has no credential yet.
    "/oauth",
    "/oauth2callback",
    "/login",
    "/logout",
    // Requested by browsers.
    "/favicon.ico",
];

/// Returns whether every cluster answers a request without a credential: health, version, login, the
/// keys of its tokens, the ConfigMap that `kubeadm join` reads first, and calls of OpenShift's build
/// webhooks, whose secret is in the path.
#[must_use]
pub fn is_public(event: AuditEvent<'_>) -> bool {
    let Some(object) = event.object() else {
        let path = event.path().trim_end_matches('/');
        return PATHS.iter().any(|public| {
            path.strip_prefix(public)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    };
    // https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/builds_using_buildconfig/triggering-builds-build-hooks
    if object.api_group() == "build.openshift.io"
        && object.resource() == "buildconfigs"
        && object.subresource() == "webhooks"
    {
        return event.verb() == "create";
    }
    // `kubeadm join` reads it before it has a credential (KEP-3279 and
    // https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/).
    object.resource() == "configmaps"
        && object.namespace() == "kube-public"
        && object.name() == "cluster-info"
        && matches!(event.verb(), "get" | "watch" | "list")
}
