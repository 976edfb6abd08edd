//! Tests each rule with requests that it must report and requests that it must not.

mod commands;
mod debuggers;
mod excuses;
mod hidden;
mod places;
mod proxies;

use crate::PodExec;
use std::time::Duration;
use wardline_sdk::contract::{
    AuditEvent, ConnectOptions, Container, ContainerRole, Mount, SecurityContext, Volume, Workload,
};
use wardline_sdk::testing::{Harness, RaisedFinding, Request};

const SERVICE_ACCOUNT: &str = "system:serviceaccount:ci:runner";

/// A stream request with the command that the host extracts from its URL.
fn stream(request: Request, words: &[&str]) -> AuditEvent {
    let mut event: AuditEvent = request.into();
    event.connect = Some(ConnectOptions {
        command: words.iter().map(ToString::to_string).collect(),
        ..ConnectOptions::default()
    });
    event
}

/// An exec as a WebSocket client requests it.
fn exec(namespace: &str, pod: &str, words: &[&str]) -> AuditEvent {
    stream(request("get", "pods/exec", namespace, pod).code(101), words)
}

fn request(verb: &str, resource: &str, namespace: &str, name: &str) -> Request {
    Request::new(verb, resource).namespace(namespace).name(name)
}

/// The finding types without `Kubernetes/`, with their severities, in order.
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
