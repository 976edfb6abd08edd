//! Whole events of a real API server (v1.36), and the text of every rejection.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use common::{LIMITS, event, sample, units};
use serde_json::json;
use wardline_decode::{Limits, Reject};
use wardline_event::model::AuditEvent;

fn golden(name: &str, value: &impl serde::Serialize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, value));
}

#[test]
fn real_events_are_decoded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let event = event(&text);
        golden(path.file_stem().unwrap().to_str().unwrap(), &event);

        let json = serde_json::to_string(&event).unwrap();
        let back: AuditEvent = serde_json::from_str(&json).unwrap();
        assert_eq!(back, event, "{path:?}");
        count += 1;
    }
    assert!(count >= 25, "{count}");
}

/// One input for each reason of a rejection.
fn refused() -> Vec<(Reject, &'static str, Vec<u8>)> {
    let with = |more| sample(more).to_string().into_bytes();
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10), "]".repeat(10));
    let long = "x".repeat(4096);
    vec![
        (Reject::TooLong, "long", with(json!({"userAgent": long}))),
        (
            Reject::NotUtf8,
            "latin-1",
            b"{\"auditID\":\"\xe9t\xe9\"}".to_vec(),
        ),
        (Reject::TooDeep, "deep", deep.into_bytes()),
        (
            Reject::Malformed,
            "no colon",
            br#"{"kind" "Event"}"#.to_vec(),
        ),
        (
            Reject::Malformed,
            "text",
            b"I1122 01:50:55 starting".to_vec(),
        ),
        (
            Reject::Malformed,
            "two events",
            br#"{"kind":"Event"}{"kind":"Event"}"#.to_vec(),
        ),
        (
            Reject::Incomplete,
            "cut",
            br#"{"kind":"Event","auditID":"a"#.to_vec(),
        ),
        (
            Reject::Incomplete,
            "cut in a character",
            b"{\"kind\":\"Event\",\"auditID\":\"\xc3".to_vec(),
        ),
        (Reject::NotAnAuditEvent, "a number", b"17".to_vec()),
        (
            Reject::NotAnAuditEvent,
            "no kind",
            br#"{"level":"info","msg":"hello"}"#.to_vec(),
        ),
        (
            Reject::NotAnAuditEvent,
            "a pod",
            with(json!({"kind": "Pod"})),
        ),
        (
            Reject::NotAnAuditEvent,
            "a core event",
            with(json!({"apiVersion": "v1"})),
        ),
        (
            Reject::UnsupportedVersion,
            "beta",
            with(json!({"apiVersion": "audit.k8s.io/v1beta1"})),
        ),
        (
            Reject::MissingField,
            "auditID",
            with(json!({"auditID": ""})),
        ),
        (Reject::MissingField, "stage", with(json!({"stage": null}))),
        (Reject::MissingField, "level", with(json!({"level": null}))),
        (Reject::MissingField, "verb", with(json!({"verb": null}))),
        (
            Reject::MissingField,
            "requestURI",
            with(json!({"requestURI": null})),
        ),
        (
            Reject::InvalidField,
            "stage",
            with(json!({"stage": "Later"})),
        ),
        (
            Reject::InvalidField,
            "level",
            with(json!({"level": "None"})),
        ),
        (
            Reject::InvalidField,
            "stage of length",
            with(json!({"stage": "é".repeat(400)})),
        ),
        (
            Reject::InvalidField,
            "time",
            with(json!({"stageTimestamp": "yesterday"})),
        ),
        (Reject::InvalidField, "verb", with(json!({"verb": ["get"]}))),
        (
            Reject::InvalidField,
            "code",
            with(json!({"responseStatus": {"code": 70000}})),
        ),
        (Reject::InvalidField, "user", with(json!({"user": "alice"}))),
        (
            Reject::InvalidField,
            "annotations",
            with(json!({"annotations": {"a": 1}})),
        ),
        (
            Reject::InvalidField,
            "objectRef",
            with(json!({"objectRef": {"name": 5}})),
        ),
    ]
}

#[test]
fn rejection_names_the_fault_and_its_location() {
    let limits = Limits {
        line_bytes: 2048,
        depth: 8,
        ..LIMITS
    };
    let mut texts = Vec::new();
    for (reason, case, bytes) in refused() {
        let units = units(&bytes, &limits);
        assert_eq!(units.len(), 1, "{case}");
        let rejected = units[0].as_ref().unwrap_err();
        assert_eq!(rejected.reason, reason, "{case}: {}", rejected.detail);
        assert_eq!(rejected.bytes, bytes, "{case}");
        assert!(rejected.detail.len() <= 256, "{case}");
        texts.push(format!("{reason}, {case}: {}", rejected.detail));
    }
    golden("errors", &texts);
    for reason in Reject::ALL {
        // `tests/envelopes.rs` covers envelopes.
        if reason == Reject::BrokenEnvelope {
            continue;
        }
        assert!(
            refused().iter().any(|(seen, ..)| *seen == reason),
            "{reason}"
        );
    }
}

#[test]
fn input_at_the_limits_is_accepted() {
    let text = sample(json!({"requestObject": {"a": [[]]}})).to_string();
    let exact = Limits {
        line_bytes: text.len(),
        depth: 4,
        ..LIMITS
    };
    assert!(units(text.as_bytes(), &exact)[0].is_ok());
    let deepest = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let text = sample(json!({})).to_string();
    let at_ceiling = text.replacen('{', &format!(r#"{{"requestObject":{{"a":{deepest}}},"#), 1);
    let unit = units(at_ceiling.as_bytes(), &LIMITS).remove(0).unwrap();
    assert_eq!(unit.event.attributes, []);
    let beyond = at_ceiling.replace(&deepest, &format!("[{deepest}]"));
    let greater = Limits {
        depth: usize::MAX,
        ..LIMITS
    };
    assert_eq!(
        units(beyond.as_bytes(), &greater)[0]
            .as_ref()
            .unwrap_err()
            .reason,
        Reject::TooDeep
    );
}
