//! Every rule with the shapes that it is for, and with those that it leaves alone.

mod commands;
mod debuggers;
mod places;
mod proxies;

use crate::PodExec;
use std::time::Duration;
use wardline_sdk::contract::{
    AuditEvent, ConnectOptions, Container, ContainerRole, Mount, SecurityContext, Volume, Workload,
};
use wardline_sdk::testing::{Harness, RaisedFinding, Request};

const ROBOT: &str = "system:serviceaccount:ci:runner";

/// A request for a stream, with the command that the host finds in its URL.
fn stream(request: Request, words: &[&str]) -> AuditEvent {
    let mut event: AuditEvent = request.into();
    event.connect = Some(ConnectOptions {
        command: words.iter().map(ToString::to_string).collect(),
        ..ConnectOptions::default()
    });
    event
}

/// An exec, as a WebSocket client asks for it.
fn exec(namespace: &str, pod: &str, words: &[&str]) -> AuditEvent {
    stream(request("get", "pods/exec", namespace, pod).code(101), words)
}

fn request(verb: &str, resource: &str, namespace: &str, name: &str) -> Request {
    Request::new(verb, resource).namespace(namespace).name(name)
}

/// The types without `:Kubernetes/`, and the severities, in order.
fn shown(found: &[RaisedFinding]) -> Vec<String> {
    found
        .iter()
        .map(|one| {
            let name = one.finding_type.replace(":Kubernetes/", ":");
            format!("{name} {:.1}", one.severity)
        })
        .collect()
}

fn judge(event: impl Into<AuditEvent>) -> Vec<String> {
    shown(&Harness::<PodExec>::new().audit_event(event).unwrap())
}
