//! The rules of `tests/bench/rules` in Rust.

use serde_json::Value;

/// Returns whether an event matches a rule.
type Rule = fn(&Value) -> bool;

/// The rules with their names.
pub const ALL: [(&str, Rule); 10] = [
    ("anonymous-access", anonymous_access),
    ("cluster-admin-binding", cluster_admin_binding),
    ("event-deletion", event_deletion),
    ("exec-in-kube-system", exec_in_kube_system),
    ("host-namespaces", host_namespaces),
    ("impersonation", impersonation),
    ("secret-list", secret_list),
    ("stream-into-pod", stream_into_pod),
    ("token-request", token_request),
    ("webhook-change", webhook_change),
];

fn text<'v>(event: &'v Value, pointer: &str) -> &'v str {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn user(event: &Value) -> &str {
    text(event, "/user/username")
}

fn resource(event: &Value) -> &str {
    text(event, "/objectRef/resource")
}

fn subresource(event: &Value) -> &str {
    text(event, "/objectRef/subresource")
}

fn verb(event: &Value) -> &str {
    text(event, "/verb")
}

fn changes(event: &Value) -> bool {
    ["create", "update", "patch"].contains(&verb(event))
}

fn begins_with_one_of(text: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| text.starts_with(prefix))
}

fn anonymous_access(event: &Value) -> bool {
    let code = event
        .pointer("/responseStatus/code")
        .and_then(Value::as_i64);
    let public = ["/healthz", "/livez", "/readyz", "/version"];
    user(event) == "system:anonymous"
        && code.is_some_and(|code| code < 400)
        && !begins_with_one_of(text(event, "/requestURI"), &public)
}

fn cluster_admin_binding(event: &Value) -> bool {
    ["clusterrolebindings", "rolebindings"].contains(&resource(event))
        && changes(event)
        && text(event, "/requestObject/roleRef/name") == "cluster-admin"
}

fn event_deletion(event: &Value) -> bool {
    resource(event) == "events" && ["delete", "deletecollection"].contains(&verb(event))
}

fn exec_in_kube_system(event: &Value) -> bool {
    resource(event) == "pods"
        && subresource(event) == "exec"
        && text(event, "/objectRef/namespace") == "kube-system"
}

fn host_namespaces(event: &Value) -> bool {
    resource(event) == "pods"
        && changes(event)
        && ["hostIPC", "hostNetwork", "hostPID"].iter().any(|key| {
            event
                .pointer("/requestObject/spec")
                .and_then(|spec| spec.get(key))
                == Some(&Value::Bool(true))
        })
}

fn impersonation(event: &Value) -> bool {
    event.pointer("/impersonatedUser/username").is_some()
}

fn secret_list(event: &Value) -> bool {
    let control_plane = [
        "system:apiserver",
        "system:kube-",
        "system:node:",
        "system:serviceaccount:kube-system:",
    ];
    resource(event) == "secrets"
        && verb(event) == "list"
        && !begins_with_one_of(user(event), &control_plane)
}

fn stream_into_pod(event: &Value) -> bool {
    resource(event) == "pods" && ["attach", "portforward"].contains(&subresource(event))
}

fn token_request(event: &Value) -> bool {
    resource(event) == "serviceaccounts"
        && subresource(event) == "token"
        && verb(event) == "create"
        && !user(event).starts_with("system:")
}

fn webhook_change(event: &Value) -> bool {
    [
        "mutatingwebhookconfigurations",
        "validatingwebhookconfigurations",
    ]
    .contains(&resource(event))
        && changes(event)
}
