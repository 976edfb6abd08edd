//! The request, read from the names of a method and a resource.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::envelope::write::Writer;

/// The characters that a path must escape (RFC 3986, section 3.3).
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'%');

/// A request with the fields of `RequestInfo` in `k8s.io/apiserver`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub verb: &'a str,
    /// Empty for a non-resource request, which has only a `path`.
    pub resource: &'a str,
    pub subresource: &'a str,
    pub group: &'a str,
    pub version: &'a str,
    pub namespace: &'a str,
    pub name: &'a str,
    /// The path in the entry, without its first `/`.
    path: &'a str,
}

impl<'a> Request<'a> {
    /// Reads names such as `io.k8s.core.v1.pods.exec.create` and
    /// `core/v1/namespaces/shop/pods/web/exec`. The group comes from the second, because the
    /// first spells it differently (`io.k8s.authorization.rbac`).
    ///
    /// Returns none if there is no verb.
    pub fn read(method: &'a str, resource_name: &'a str) -> Option<Self> {
        let (service, verb) = method.rsplit_once('.')?;
        if verb.is_empty() {
            return None;
        }
        let path = resource_name.trim_start_matches('/');
        let request = Self {
            verb,
            path,
            ..Self::default()
        };
        // `io.k8s.get` is a non-resource request.
        if service == "io.k8s" {
            return Some(request);
        }
        let mut parts: Vec<&str> = path.split('/').collect();
        if parts.len() < 3 || parts.iter().take(3).any(|part| part.is_empty()) {
            return Some(request);
        }
        let rest = parts.split_off(2);
        let (group, version) = (part(&parts, 0), part(&parts, 1));
        let (namespace, rest) = namespaced(&rest);
        Some(Self {
            group: if matches!(group, "core" | "io.k8s.core") {
                ""
            } else {
                group
            },
            version,
            namespace,
            resource: part(rest, 0),
            name: part(rest, 1),
            subresource: part(rest, 2),
            ..request
        })
    }

    /// Returns the `audit.k8s.io/v1` `ObjectReference`.
    pub fn reference(&self) -> Writer {
        let mut reference = Writer::object();
        if !self.resource.is_empty() {
            reference.text("resource", self.resource);
            reference.text("namespace", self.namespace);
            reference.text("name", self.name);
            reference.text("apiGroup", self.group);
            reference.text("apiVersion", self.version);
            reference.text("subresource", self.subresource);
        }
        reference
    }

    /// Whether the request opens a stream, so that success has status 101.
    pub fn is_stream(&self) -> bool {
        self.resource == "pods" && matches!(self.subresource, "exec" | "attach" | "portforward")
    }

    /// Returns the path of the request's URI.
    pub fn path(&self) -> String {
        let path = if self.resource.is_empty() {
            Cow::Borrowed(self.path)
        } else {
            // A new object does not exist yet: the request is sent to the list.
            let is_new = self.verb == "create" && self.subresource.is_empty();
            let path = match self.path.rsplit_once('/') {
                Some((list, name)) if is_new && name == self.name => list,
                _ => self.path,
            };
            let below = path.split_once('/').map_or("", |(_, below)| below);
            Cow::Owned(if self.group.is_empty() {
                format!("api/{below}")
            } else {
                format!("apis/{}/{below}", self.group)
            })
        };
        format!("/{}", utf8_percent_encode(&path, NOT_IN_PATHS))
    }
}

fn part<'a>(parts: &[&'a str], at: usize) -> &'a str {
    parts.get(at).copied().unwrap_or_default()
}

/// Splits off the namespace. A Namespace object is in its own namespace, as in `RequestInfo`.
fn namespaced<'p, 'a>(parts: &'p [&'a str]) -> (&'a str, &'p [&'a str]) {
    match parts {
        ["namespaces", name] | ["namespaces", name, "status" | "finalize", ..] => (name, parts),
        ["namespaces", name, rest @ ..] => (name, rest),
        _ => ("", parts),
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    /// Verb, group, version, namespace, resource, name, subresource, path.
    fn read(method: &str, name: &str) -> [String; 8] {
        let request = Request::read(method, name).unwrap();
        [
            request.verb,
            request.group,
            request.version,
            request.namespace,
            request.resource,
            request.name,
            request.subresource,
            &request.path(),
        ]
        .map(str::to_owned)
    }

    #[test]
    fn requests_are_read_from_names() {
        for (method, name, expected) in [
            (
                "io.k8s.core.v1.pods.create",
                "core/v1/namespaces/shop/pods/web",
                [
                    "create",
                    "",
                    "v1",
                    "shop",
                    "pods",
                    "web",
                    "",
                    "/api/v1/namespaces/shop/pods",
                ],
            ),
            (
                "io.k8s.core.v1.pods.create",
                "core/v1/namespaces/shop/pods",
                [
                    "create",
                    "",
                    "v1",
                    "shop",
                    "pods",
                    "",
                    "",
                    "/api/v1/namespaces/shop/pods",
                ],
            ),
            (
                "io.k8s.core.v1.pods.exec.create",
                "core/v1/namespaces/shop/pods/web/exec",
                [
                    "create",
                    "",
                    "v1",
                    "shop",
                    "pods",
                    "web",
                    "exec",
                    "/api/v1/namespaces/shop/pods/web/exec",
                ],
            ),
            (
                "io.k8s.authorization.rbac.v1.clusterrolebindings.patch",
                "rbac.authorization.k8s.io/v1/clusterrolebindings/system:a",
                [
                    "patch",
                    "rbac.authorization.k8s.io",
                    "v1",
                    "",
                    "clusterrolebindings",
                    "system:a",
                    "",
                    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:a",
                ],
            ),
            (
                "io.k8s.core.v1.namespaces.delete",
                "core/v1/namespaces/shop",
                [
                    "delete",
                    "",
                    "v1",
                    "shop",
                    "namespaces",
                    "shop",
                    "",
                    "/api/v1/namespaces/shop",
                ],
            ),
            (
                "io.k8s.core.v1.namespaces.finalize.update",
                "core/v1/namespaces/shop/finalize",
                [
                    "update",
                    "",
                    "v1",
                    "shop",
                    "namespaces",
                    "shop",
                    "finalize",
                    "/api/v1/namespaces/shop/finalize",
                ],
            ),
            (
                "io.k8s.core.v1.nodes.proxy.get",
                "core/v1/nodes/one/proxy/run x",
                [
                    "get",
                    "",
                    "v1",
                    "",
                    "nodes",
                    "one",
                    "proxy",
                    "/api/v1/nodes/one/proxy/run%20x",
                ],
            ),
            (
                "com.example.v1.widgets.list",
                "example.com/v1/widgets",
                [
                    "list",
                    "example.com",
                    "v1",
                    "",
                    "widgets",
                    "",
                    "",
                    "/apis/example.com/v1/widgets",
                ],
            ),
            (
                "io.k8s.get",
                "api/v1/version",
                ["get", "", "", "", "", "", "", "/api/v1/version"],
            ),
            ("io.k8s.core.get", "", ["get", "", "", "", "", "", "", "/"]),
        ] {
            assert_eq!(read(method, name), expected, "{method} {name}");
        }
        assert_eq!(Request::read("create", "core/v1/pods"), None);
        assert_eq!(Request::read("io.k8s.", "core/v1/pods"), None);
    }
}
