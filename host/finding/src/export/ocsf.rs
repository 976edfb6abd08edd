//! OCSF Detection Finding, schema version 1.5.0.

use serde_json::{Map, Value, json};

use super::cloud_account::{address, cluster};
use crate::catalog::attack::{Tactic, technique_url};
use crate::{EventFamily, Finding, Label, Process, Request, Status};

const VERSION: &str = "1.5.0";
/// The ATT&CK version to which technique ids refer.
const ATTACK: &str = "17";

pub(super) fn finding(finding: &Finding) -> Value {
    // Create (1) for the first occurrence, Update (2) for later ones.
    let activity = if finding.count > 1 { 2 } else { 1 };
    let is_suppressed = finding.status == Status::Suppressed;
    let (severity, severity_id) = severity(finding.severity.label);
    let mut event = json!({
        "activity_id": activity,
        "activity_name": if activity == 2 { "Update" } else { "Create" },
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_400 + activity,
        "time": milliseconds(&finding.last_seen),
        "start_time": milliseconds(&finding.first_seen),
        "end_time": milliseconds(&finding.last_seen),
        "count": finding.count,
        "message": finding.title,
        "severity": severity,
        "severity_id": severity_id,
        "status": if is_suppressed { "Suppressed" } else { "New" },
        "status_id": if is_suppressed { 3 } else { 1 },
        "is_alert": !is_suppressed,
        "metadata": metadata(finding),
        "finding_info": info(finding),
        "evidences": [evidence(finding)],
        "resources": [resource(finding)],
        "observables": observables(finding),
        "remediation": { "desc": finding.remediation, "references": finding.references },
        "unmapped": {
            "severity_score": finding.severity.score,
            "false_positives": finding.false_positives,
            "attributes": finding.attributes,
        },
    });
    if let (Some(cloud), Some(event)) = (&finding.cloud, event.as_object_mut()) {
        let mut said = Map::new();
        said.insert("provider".to_owned(), json!(provider(&cloud.provider)));
        if !cloud.region.is_empty() {
            said.insert("region".to_owned(), json!(cloud.region));
        }
        if !cloud.account.is_empty() {
            said.insert("account".to_owned(), json!({ "uid": cloud.account }));
        }
        event.insert("cloud".to_owned(), Value::Object(said));
    }
    event
}

fn severity(label: Label) -> (&'static str, u8) {
    match label {
        Label::Low => ("Low", 2),
        Label::Medium => ("Medium", 3),
        Label::High => ("High", 4),
        Label::Critical => ("Critical", 5),
    }
}

/// Returns the provider's name as in OCSF's examples.
fn provider(name: &str) -> &str {
    match name {
        "aws" => "AWS",
        "gcp" => "GCP",
        "azure" => "Azure",
        other => other,
    }
}

/// Milliseconds since the Unix epoch; 0 if the time is unknown.
fn milliseconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .unwrap_or_default()
}

fn metadata(finding: &Finding) -> Value {
    let profiles: &[&str] = if finding.cloud.is_some() {
        &["cloud"]
    } else {
        &[]
    };
    json!({
        "version": VERSION,
        "profiles": profiles,
        "uid": format!("{}/{}", finding.id, finding.count),
        "correlation_uid": finding.id,
        "log_name": finding.source.name,
        "event_code": finding.finding_type,
        "product": {
            "name": "Wardline",
            "vendor_name": "Wardline",
            "version": env!("CARGO_PKG_VERSION"),
            "feature": { "name": finding.detector.name, "version": finding.detector.version },
        },
    })
}

/// Returns the type of the events that a finding cites, if all of a family have the same.
fn event_type(family: EventFamily) -> Option<u32> {
    match family {
        // API Activity: Other.
        EventFamily::Audit => Some(600_399),
        EventFamily::Runtime | EventFamily::Host => None,
        // Detection Finding: Create.
        EventFamily::Signal => Some(200_401),
    }
}

fn info(finding: &Finding) -> Value {
    let events: Vec<Value> = finding
        .event_ids
        .iter()
        .map(|id| match event_type(finding.event_family) {
            Some(number) => json!({ "uid": id, "type_uid": number }),
            None => json!({ "uid": id }),
        })
        .collect();
    let source = match (&finding.request, finding.event_family) {
        (_, EventFamily::Host) => "Wardline",
        (Some(_), _) => "Kubernetes audit log",
        (None, _) => "Runtime events",
    };
    json!({
        "uid": finding.id,
        "title": finding.title,
        "desc": finding.description,
        "types": [finding.finding_type],
        "created_time": milliseconds(&finding.first_seen),
        "modified_time": milliseconds(&finding.last_seen),
        "first_seen_time": milliseconds(&finding.first_seen),
        "last_seen_time": milliseconds(&finding.last_seen),
        "data_sources": [source],
        "related_events": events,
        "related_events_count": u64::try_from(finding.event_ids.len())
            .unwrap_or(u64::MAX)
            .saturating_add(finding.event_ids_omitted),
        "attacks": attacks(finding),
        "analytic": {
            "uid": format!("{}/{}", finding.detector.name, finding.finding_type),
            "name": finding.finding_type,
            "type": "Rule",
            "type_id": 1,
            "version": finding.detector.version,
        },
    })
}

/// One entry per technique, with the tactic of the finding type's purpose.
fn attacks(finding: &Finding) -> Vec<Value> {
    let purpose = finding.finding_type.split(':').next().unwrap_or_default();
    let tactic = Tactic::of_purpose(purpose);
    finding
        .techniques
        .iter()
        .map(|id| {
            let (base, sub) = match id.split_once('.') {
                Some((base, _)) => (base, Some(id)),
                None => (id.as_str(), None),
            };
            let mut attack = json!({
                "version": ATTACK,
                "technique": { "uid": base, "src_url": technique_url(base) },
            });
            if let Some(object) = attack.as_object_mut() {
                if let Some(sub) = sub {
                    let sub = json!({ "uid": sub, "src_url": technique_url(sub) });
                    object.insert("sub_technique".to_owned(), sub);
                }
                if let Some(tactic) = tactic {
                    let tactic = json!({ "uid": tactic.id, "name": tactic.name });
                    object.insert("tactic".to_owned(), tactic);
                }
            }
            attack
        })
        .collect()
}

fn evidence(finding: &Finding) -> Value {
    let actor = &finding.actor;
    let groups: Vec<Value> = actor
        .groups
        .iter()
        .map(|group| json!({ "name": group }))
        .collect();
    let mut evidence = json!({
        "actor": { "user": {
            "name": actor.username,
            "uid": actor.uid,
            "groups": groups,
        } },
        "data": {
            "fields": finding.evidence,
            "impersonated_user": actor.impersonated,
            "object": finding.object,
        },
    });
    if let Some(request) = &finding.request {
        add(&mut evidence, "", "api", api(finding, request));
        let http = json!({
            "user_agent": actor.user_agent,
            "x_forwarded_for": actor.source_ips,
        });
        add(&mut evidence, "", "http_request", http);
        add(&mut evidence, "/data", "request_uri", json!(request.uri));
    }
    if let Some(process) = &finding.process {
        add(&mut evidence, "", "process", of_process(finding, process));
    }
    if let (Some(address), Some(object)) = (address(finding), evidence.as_object_mut()) {
        object.insert("src_endpoint".to_owned(), json!({ "ip": address }));
    }
    evidence
}

fn add(value: &mut Value, pointer: &str, key: &str, member: Value) {
    if let Some(object) = value.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(key.to_owned(), member);
    }
}

fn api(finding: &Finding, request: &Request) -> Value {
    let resource = &finding.resource;
    let operation = match (resource.resource.as_str(), resource.subresource.as_str()) {
        ("", _) => request.verb.clone(),
        (name, "") => format!("{} {name}", request.verb),
        (name, below) => format!("{} {name}/{below}", request.verb),
    };
    // A finding about other findings does not know the id of the request.
    let id = finding.event_family.is_audit();
    let id = id.then(|| finding.event_ids.first().cloned()).flatten();
    json!({
        "operation": operation,
        "service": { "name": "kube-apiserver" },
        "request": { "uid": id.unwrap_or_default() },
        "response": { "code": request.response_code.unwrap_or_default() },
    })
}

/// The `process` object.
fn of_process(finding: &Finding, process: &Process) -> Value {
    let mut object = json!({
        "pid": process.pid,
        "name": process.name,
        "cmd_line": process.arguments.join(" "),
        "working_directory": process.working_directory,
        "file": { "path": process.executable, "name": process.name, "type_id": 1 },
        "parent_process": { "pid": process.parent_pid },
    });
    if let Some(container) = &finding.container {
        let container = json!({
            "uid": container.id,
            "name": container.name,
            "image": { "name": container.image, "uid": container.image_digest },
        });
        add(&mut object, "", "container", container);
    }
    object
}

fn resource(finding: &Finding) -> Value {
    let resource = &finding.resource;
    let name: Vec<&str> = [resource.namespace.as_str(), resource.name.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let name = match &finding.request {
        Some(request) if name.is_empty() => request.uri.clone(),
        None if name.is_empty() => finding.node.clone().unwrap_or_default(),
        _ => name.join("/"),
    };
    let kind = match (resource.resource.as_str(), &finding.request) {
        ("", Some(_)) => "path",
        ("", None) => "node",
        (resource, _) => resource,
    };
    json!({
        "name": name,
        "type": kind,
        "namespace": resource.namespace,
        "group": { "name": resource.api_group },
        "data": { "cluster": cluster(finding), "subresource": resource.subresource },
    })
}

/// Values to pivot on; the numbers are `observable.type_id`.
fn observables(finding: &Finding) -> Vec<Value> {
    const ADDRESS: u8 = 2;
    const USER: u8 = 4;
    const RESOURCE: u8 = 10;
    let mut observables = Vec::new();
    let mut add = |name: &str, kind: &str, id: u8, value: &str| {
        if !value.is_empty() {
            observables.push(json!({ "name": name, "type": kind, "type_id": id, "value": value }));
        }
    };
    for address in &finding.actor.source_ips {
        add(
            "evidences[].src_endpoint.ip",
            "IP Address",
            ADDRESS,
            address,
        );
    }
    add(
        "evidences[].actor.user.name",
        "User Name",
        USER,
        &finding.actor.username,
    );
    add(
        "resources[].name",
        "Resource UID",
        RESOURCE,
        &finding.resource.name,
    );
    observables
}
