//! The resource in the path of a request.

use percent_encoding::percent_decode_str;

use crate::envelope::Writer;

/// Reads the quoted URI of a request, and returns the JSON of its `objectRef`; none if the request has
/// no resource. The rules are those of `RequestInfo`
/// (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`). The name of a new object is not known
/// from its URI.
pub(super) fn reference(uri: &[u8]) -> Option<Vec<u8>> {
    let uri: String = serde_json::from_slice(uri).ok()?;
    let path = uri.split('?').next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    // The older form of a watch and of a proxy.
    let rest = match rest {
        ["watch" | "proxy", inner @ ..] => inner,
        rest => rest,
    };
    let (namespace, rest) = match rest {
        ["namespaces", name] | ["namespaces", name, "status" | "finalize", ..] => (*name, rest),
        ["namespaces", name, inner @ ..] => (*name, inner),
        rest => ("", rest),
    };
    let part = |at: usize| rest.get(at).copied().unwrap_or_default();
    if part(0).is_empty() {
        return None;
    }
    let mut reference = Writer::object();
    for (key, value) in [
        ("resource", part(0)),
        ("namespace", namespace),
        ("name", part(1)),
        ("apiGroup", group),
        ("apiVersion", version),
        ("subresource", part(2)),
    ] {
        reference.text(key, value);
    }
    Some(reference.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn of(uri: &str) -> Option<Value> {
        let quoted = Value::from(uri).to_string();
        super::reference(quoted.as_bytes()).map(|json| serde_json::from_slice(&json).unwrap())
    }

    #[test]
    fn resource_is_read_from_the_path() {
        for (uri, expected) in [
            (
                "/api/v1/namespaces/shop/pods/web/exec?command=id",
                json!({"resource": "pods", "namespace": "shop", "name": "web", "apiVersion": "v1", "subresource": "exec"}),
            ),
            (
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/a%3Ab",
                json!({"resource": "clusterrolebindings", "name": "a:b", "apiGroup": "rbac.authorization.k8s.io", "apiVersion": "v1"}),
            ),
            (
                "/api/v1/namespaces/shop/finalize",
                json!({"resource": "namespaces", "namespace": "shop", "name": "shop", "subresource": "finalize", "apiVersion": "v1"}),
            ),
            (
                "/api/v1/watch/namespaces/shop/secrets",
                json!({"resource": "secrets", "namespace": "shop", "apiVersion": "v1"}),
            ),
            (
                "/api/v1/namespaces",
                json!({"resource": "namespaces", "apiVersion": "v1"}),
            ),
        ] {
            assert_eq!(of(uri), Some(expected), "{uri}");
        }
        for uri in [
            "",
            "/",
            "/version",
            "/api",
            "/api/v1",
            "/apis/apps/v1",
            "/healthz/a/b",
        ] {
            assert_eq!(of(uri), None, "{uri}");
        }
    }
}
