//! Helpers for the tests of decoding.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::disallowed_methods, reason = "tests read their own files")]

use proptest::prelude::Strategy;
use serde_json::{Value, json};
use wardline_decode::{Decoded, Limits, Reject, Rejected, decode};
use wardline_event::model::{AuditEvent, ObjectFacts};

pub const LIMITS: Limits = Limits {
    line_bytes: 2 << 20,
    document_bytes: 64 << 20,
    depth: 128,
};

pub fn units<'a>(bytes: &'a [u8], limits: &Limits) -> Vec<Result<Decoded<'a>, Rejected<'a>>> {
    let mut units = Vec::new();
    decode(bytes, limits, &mut |unit| units.push(unit));
    units
}

/// Decodes the only event in `text`.
pub fn event(text: &str) -> AuditEvent {
    let mut units = units(text.as_bytes(), &LIMITS);
    assert_eq!(units.len(), 1, "{units:?}");
    units.remove(0).unwrap().event
}

/// Returns the audit id of each event, or the reason of its rejection.
pub fn outline(bytes: &[u8], limits: &Limits) -> Vec<Result<String, Reject>> {
    units(bytes, limits)
        .into_iter()
        .map(|unit| {
            unit.map(|decoded| decoded.event.audit_id)
                .map_err(|rejected| rejected.reason)
        })
        .collect()
}

/// A small event, overridden by the fields of `more`.
pub fn sample(more: Value) -> Value {
    let mut event = json!({
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "RequestResponse",
        "auditID": "id",
        "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/pods/web",
        "verb": "create",
        "user": {"username": "alice"},
    });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

/// An item of a list, with the first bytes that kube-apiserver writes.
pub fn item(id: &str) -> String {
    format!(
        r#"{{"level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/{id}","verb":"get","user":{{}}}}"#
    )
}

pub fn list(items: &[&str]) -> String {
    let items = items.join(",");
    format!(
        r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{items}]}}"#
    )
}

/// The facts of this body in a request of `verb` on `group`/`resource`.
pub fn requested(verb: &str, group: &str, resource: &str, body: Value) -> ObjectFacts {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    let event = sample(json!({
        "verb": verb,
        "objectRef": {
            "apiGroup": group, "apiVersion": "v1", "resource": resource, "subresource": subresource,
            "namespace": "shop", "name": "web",
        },
        "requestObject": body,
    }));
    self::event(&event.to_string()).requested.unwrap()
}

/// The recorded events, without line ends.
pub fn recorded() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let mut events: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .map(|text| text.trim().to_owned())
        .collect();
    events.sort();
    assert!(!events.is_empty());
    events
}

pub fn one_of_recorded() -> impl Strategy<Value = String> {
    proptest::sample::select(recorded())
}
