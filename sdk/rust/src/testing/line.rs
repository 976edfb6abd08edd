use std::time::Duration;

use serde_json::{Map, Value, json};

/// A line of an audit log as kube-apiserver writes it, for tests with real bodies: labels, patches,
/// whole objects.
///
/// The resource is taken from the path, as the API server does, and the name of a new object from
/// its body. By default it is a successful request of `alice` with kubectl from 192.0.2.1, at level
/// `RequestResponse`.
///
/// ```
/// use wardline_sdk::testing::AuditLine;
///
/// let line = AuditLine::new("patch", "/api/v1/namespaces/shop/serviceaccounts/default")
///     .user("mallory", &["developers"])
///     .request(r#"{"imagePullSecrets": [{"name": "registry"}]}"#)
///     .to_string();
/// assert!(line.contains(r#""resource":"serviceaccounts""#));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a line has no effect until it is fed to a harness"]
pub struct AuditLine {
    event: Map<String, Value>,
    time: Duration,
}

impl AuditLine {
    /// Returns a request with this verb and path, such as
    /// `/apis/apps/v1/namespaces/shop/deployments/web`, optionally with a query.
    pub fn new(verb: &str, uri: &str) -> Self {
        let event = json!({
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "RequestResponse",
            "stage": "ResponseComplete",
            "requestURI": uri,
            "verb": verb,
            "user": {"username": "alice", "groups": ["system:authenticated"]},
            "sourceIPs": ["192.0.2.1"],
            "userAgent": "kubectl/v1.36.2",
            "objectRef": object_reference(uri),
            "responseStatus": {"code": if verb == "create" { 201 } else { 200 }},
        });
        let Value::Object(event) = event else {
            return Self {
                event: Map::new(),
                time: Duration::ZERO,
            };
        };
        Self {
            event,
            time: Duration::ZERO,
        }
    }

    fn set(mut self, key: &str, value: Value) -> Self {
        self.event.insert(key.to_owned(), value);
        self
    }

    /// Sets the authenticated user and its groups besides `system:authenticated`. The groups of a
    /// service account are added. A part of the cluster uses a program of its own, and not kubectl,
    /// unless [`Self::user_agent`] follows.
    pub fn user(mut self, username: &str, groups: &[&str]) -> Self {
        if username.starts_with("system:") && username != "system:admin" {
            self = self.user_agent("program/v1.0.0");
        }
        let mut all: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
        if let Some((namespace, _)) = username
            .strip_prefix("system:serviceaccount:")
            .and_then(|account| account.split_once(':'))
        {
            all.push("system:serviceaccounts".to_owned());
            all.push(format!("system:serviceaccounts:{namespace}"));
        }
        all.push("system:authenticated".to_owned());
        self.set("user", json!({"username": username, "groups": all}))
    }

    /// Sets the user agent.
    pub fn user_agent(self, text: &str) -> Self {
        self.set("userAgent", json!(text))
    }

    /// Sets the JSON text of the request's body, from which the name of a new object is taken.
    ///
    /// A body with a `kind` and without an `apiVersion` gets the version of the path.
    pub fn request(self, body: &str) -> Self {
        let body = self.body(body);
        let name = body.pointer("/metadata/name").cloned();
        let mut line = self.set("requestObject", body);
        if let (Some(name), Some(Value::Object(reference))) =
            (name, line.event.get_mut("objectRef"))
        {
            reference.entry("name").or_insert(name);
        }
        line
    }

    /// Sets the JSON text of the object in the response.
    pub fn response(self, body: &str) -> Self {
        let body = self.body(body);
        self.set("responseObject", body)
    }

    fn body(&self, text: &str) -> Value {
        let mut body = value(text);
        let reference = |key| {
            self.event
                .get("objectRef")
                .and_then(|reference| reference.get(key))
                .and_then(Value::as_str)
        };
        let version = reference("apiVersion").unwrap_or_default();
        let version = match reference("apiGroup") {
            Some(group) => format!("{group}/{version}"),
            None => version.to_owned(),
        };
        if let Some(object) = body
            .as_object_mut()
            .filter(|object| object.contains_key("kind"))
        {
            object.entry("apiVersion").or_insert(Value::String(version));
        }
        body
    }

    /// Sets the HTTP code of the response and the message of the API server.
    pub fn answer(self, code: u16, message: &str) -> Self {
        self.set(
            "responseStatus",
            json!({"code": code, "message": message, "reason": if code == 403 { "Forbidden" } else { "" }}),
        )
    }

    /// Sets the audit level; a line without bodies has `Metadata` in a real log.
    pub fn level(self, level: &str) -> Self {
        self.set("level", json!(level))
    }

    /// Sets the time of the request, as an offset from 2025-01-01T00:00:00Z of less than an hour.
    pub fn at(mut self, offset: Duration) -> Self {
        self.time = offset;
        self
    }
}

/// Writes the line without a line break.
impl std::fmt::Display for AuditLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use std::hash::{DefaultHasher, Hash, Hasher};

        let mut event = self.event.clone();
        let seconds = self.time.as_secs();
        let time = format!(
            "2025-01-01T00:{:02}:{:02}.{:06}Z",
            seconds / 60,
            seconds % 60,
            self.time.subsec_micros()
        );
        event.insert("requestReceivedTimestamp".to_owned(), json!(time));
        event.insert("stageTimestamp".to_owned(), json!(time));
        let mut hasher = DefaultHasher::new();
        Value::Object(event.clone()).to_string().hash(&mut hasher);
        let id = format!(
            "00000000-0000-4000-8000-{:012x}",
            hasher.finish() & 0xffff_ffff_ffff
        );
        event.insert("auditID".to_owned(), json!(id));
        write!(formatter, "{}", Value::Object(event))
    }
}

/// Parses JSON. Returns other text as a string, so that the mistake shows in the line.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Parses `/api/v1/...` or `/apis/GROUP/VERSION/...`: an optional `namespaces/NAMESPACE`, then
/// resource, name, and subresource.
fn object_reference(uri: &str) -> Value {
    let path = uri.split('?').next().unwrap_or_default();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let group = match parts.next() {
        Some("apis") => parts.next().unwrap_or_default(),
        _ => "",
    };
    let version = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let (namespace, rest) = match rest.as_slice() {
        ["namespaces", namespace, resource, rest @ ..] if *resource != "status" => {
            (*namespace, [&[*resource], rest].concat())
        }
        // The API server sets the namespace of a Namespace to its name.
        ["namespaces", name, ..] => (*name, rest),
        _ => ("", rest),
    };
    let mut reference = Map::new();
    let fields = [
        ("apiGroup", group),
        ("apiVersion", version),
        ("namespace", namespace),
        ("resource", rest.first().copied().unwrap_or_default()),
        ("name", rest.get(1).copied().unwrap_or_default()),
        ("subresource", rest.get(2).copied().unwrap_or_default()),
    ];
    for (key, value) in fields {
        if !value.is_empty() {
            reference.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(reference)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{AuditLine, object_reference};

    #[test]
    fn takes_the_resource_from_the_path() {
        for (uri, reference) in [
            (
                "/api/v1/namespaces/shop/pods/web/exec?command=sh",
                json!({"apiVersion": "v1", "namespace": "shop", "resource": "pods", "name": "web", "subresource": "exec"}),
            ),
            (
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                json!({"apiGroup": "rbac.authorization.k8s.io", "apiVersion": "v1", "resource": "clusterroles"}),
            ),
            (
                "/api/v1/namespaces/shop",
                json!({"apiVersion": "v1", "namespace": "shop", "resource": "namespaces", "name": "shop"}),
            ),
            (
                "/api/v1/nodes/n1/status",
                json!({"apiVersion": "v1", "resource": "nodes", "name": "n1", "subresource": "status"}),
            ),
        ] {
            assert_eq!(object_reference(uri), reference, "{uri}");
        }
    }

    #[test]
    fn takes_the_name_of_a_new_object_from_its_body() {
        let line = AuditLine::new("create", "/api/v1/namespaces/shop/pods")
            .request(r#"{"metadata": {"name": "web"}}"#)
            .to_string();
        assert!(line.contains(r#""name":"web""#), "{line}");
    }
}
