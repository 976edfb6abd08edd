//! What a request carries in its URL: the command line of an exec, the path of a
//! proxy, and whether it is a dry run.

use crate::model::{Attribute, AuditEvent, ConnectOptions};

/// Whether the request asks to change nothing.
pub(super) fn is_dry_run(uri: &str) -> bool {
    query(uri).any(|(key, value)| key == "dryRun" && value == "All")
}

/// The options of a request for a stream or a proxy, if it is one.
pub(super) fn options(event: &AuditEvent) -> Option<ConnectOptions> {
    let object = event.object.as_ref()?;
    let resource = object.resource.as_str();
    let is_proxy = object.subresource == "proxy" && matches!(resource, "pods" | "services" | "nodes");
    let is_stream = resource == "pods"
        && matches!(
            object.subresource.as_str(),
            "exec" | "attach" | "portforward" | "log"
        );
    if !is_proxy && !is_stream {
        return None;
    }
    let mut options = ConnectOptions::default();
    if is_proxy {
        options.path = path_behind_proxy(&event.request_uri).to_owned();
    }
    for (key, value) in query(&event.request_uri) {
        let truth = matches!(value.as_ref(), "1" | "true" | "True" | "TRUE" | "t" | "T");
        match key.as_ref() {
            // The kubelet's /run takes `cmd`, its /exec takes `command`.
            "command" | "cmd" => options.command.push(value.into_owned()),
            "container" => options.container = value.into_owned(),
            "stdin" | "input" => options.stdin = truth,
            "stdout" | "output" => options.stdout = truth,
            "tty" => options.tty = truth,
            "ports" => options.ports.extend(
                value
                    .split(',')
                    .filter_map(|port| port.trim().parse::<i64>().ok()),
            ),
            _ => options.options.push(Attribute {
                key: key.into_owned(),
                value: value.into_owned(),
            }),
        }
    }
    Some(options)
}

fn query(uri: &str) -> form_urlencoded::Parse<'_> {
    let text = uri.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(text.as_bytes())
}

/// `/run/...` of `/api/v1/nodes/n1/proxy/run/...`, with its query.
fn path_behind_proxy(uri: &str) -> &str {
    uri.split_once("/proxy").map_or("", |(_, path)| path)
}
