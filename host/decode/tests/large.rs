//! Facts of objects that a client makes as large as the API server allows.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::sample;
use serde_json::{Value, json};
use wardline_decode::{DecodeOutcome, Decoder, Demand, DemandFilter, Head, Limits};
use wardline_event::model::{AuditEvent, Facts};
use wardline_event::packed::{Owned, Packed};

/// The host's defaults.
const LIMITS: Limits = Limits {
    line_bytes: 16 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};

struct All;

impl DemandFilter for All {
    fn demand(&self, _: &Head<'_>) -> Demand {
        Demand::Full
    }
}

/// Decodes an event whose request and response have this object, and reads it again from its packed form.
fn judged(group: &str, resource: &str, body: &Value) -> AuditEvent {
    filled(group, resource, body, "")
}

/// As `judged`, with a text in place of each `FILL`.
fn filled(group: &str, resource: &str, body: &Value, fill: &str) -> AuditEvent {
    let text = sample(json!({
        "objectRef": {"apiGroup": group, "apiVersion": "v1", "resource": resource, "name": "a"},
        "responseStatus": {"code": 201},
        "requestObject": body,
        "responseObject": body,
    }))
    .to_string()
    .replace("FILL", fill);
    let mut found = Vec::new();
    Decoder::default().decode(text.as_bytes(), &LIMITS, &All, &mut |unit| match unit {
        DecodeOutcome::Event(decoded) => found.push(decoded.event),
        other => panic!("{other:?}"),
    });
    assert_eq!(found.len(), 1);
    let event = found.remove(0);
    let packed = Owned::of(&event).unwrap();
    assert_eq!(AuditEvent::unpack(packed.view()), event);
    event
}

fn both(event: AuditEvent) -> [Facts; 2] {
    [event.requested, event.resulting].map(|object| object.unwrap().facts)
}

fn pod(containers: Vec<Value>) -> Value {
    json!({"kind": "Pod", "apiVersion": "v1", "spec": {"containers": containers}})
}

#[test]
fn last_of_many_containers_is_seen() {
    let container = |number: usize| json!({"name": format!("c{number}"), "image": "a", "securityContext": {"privileged": number == 9_999}});
    for facts in both(judged(
        "",
        "pods",
        &pod((0..10_000).map(container).collect()),
    )) {
        let Facts::Workload(workload) = facts else {
            panic!()
        };
        assert_eq!(workload.containers.len(), 10_000);
        assert_eq!(workload.containers[9_999].security.privileged, Some(true));
    }
}

#[test]
fn container_with_a_large_variable_is_seen() {
    // `<` has one byte in etcd, and six in the audit log, where Go escapes it.
    let body = pod(vec![json!({
        "env": [{"name": "A", "value": "FILL"}],
        "securityContext": {"privileged": true},
    })]);
    for value in ["x".repeat(3 << 20), "\\u003c".repeat(1 << 20)] {
        for facts in both(filled("", "pods", &body, &value)) {
            let Facts::Workload(workload) = facts else {
                panic!()
            };
            assert_eq!(workload.containers[0].security.privileged, Some(true));
        }
    }
}

#[test]
fn last_of_many_subjects_is_seen() {
    let subject = |number: usize| json!({"kind": "User", "name": format!("u{number}")});
    let body = json!({
        "kind": "ClusterRoleBinding",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": (0..10_000).map(subject).collect::<Vec<_>>(),
    });
    let group = "rbac.authorization.k8s.io";
    for facts in both(judged(group, "clusterrolebindings", &body)) {
        let Facts::Binding(binding) = facts else {
            panic!()
        };
        assert_eq!(binding.subjects[9_999].name, "u9999");
        assert_eq!(binding.role_name, "cluster-admin");
    }
}

#[test]
fn last_of_many_rules_is_seen() {
    let rule = |number: usize| {
        let verb = if number == 19_999 { "*" } else { "get" };
        json!({"apiGroups": [""], "resources": ["pods"], "verbs": [verb]})
    };
    let body = json!({
        "kind": "ClusterRole",
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "rules": (0..20_000).map(rule).collect::<Vec<_>>(),
    });
    let group = "rbac.authorization.k8s.io";
    for facts in both(judged(group, "clusterroles", &body)) {
        let Facts::Role(role) = facts else { panic!() };
        assert_eq!(role.rules[19_999].verbs, ["*"]);
    }
}
