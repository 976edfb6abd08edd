//! What the tests of decoding share.
#![allow(dead_code, reason = "each test file uses a part")]

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

/// The one event of `text`.
pub fn event(text: &str) -> AuditEvent {
    let mut units = units(text.as_bytes(), &LIMITS);
    assert_eq!(units.len(), 1, "{units:?}");
    units.remove(0).unwrap().event
}

/// Of each unit the audit ID, or the reason.
pub fn outline(bytes: &[u8], limits: &Limits) -> Vec<Result<String, Reject>> {
    units(bytes, limits)
        .into_iter()
        .map(|unit| {
            unit.map(|decoded| decoded.event.audit_id)
                .map_err(|rejected| rejected.reason)
        })
        .collect()
}

/// A small event, with the fields of `more` over its own.
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

/// An item of a list, as kube-apiserver begins it.
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

/// What `verb` on `group`/`resource` with this body requests.
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

/// The recorded events, without the line's end.
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
