//! The envelopes of clouds: each form, broken envelopes, and properties of all.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;
#[path = "common/wrap.rs"]
mod wrap;

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::{LIMITS, one_of_recorded, recorded, units};
use proptest::prelude::*;
use serde_json::{Value, json};
use wardline_decode::envelope::{Piece, is_plain, open};
use wardline_decode::{Limits, Reject, decode};
use wardline_event::model::AuditEvent;
use wrap::{FORMS, audit_row, gzip, log_entry, packed};

/// The outcome of opening a record.
#[derive(Debug, PartialEq)]
enum Unit {
    /// An event and its text.
    Event(Box<AuditEvent>, String),
    Skipped,
    Rejected(Reject, String),
}

fn opened(bytes: &[u8], limits: &Limits) -> Vec<Unit> {
    let mut found = Vec::new();
    open(bytes, limits, &mut |piece| match piece {
        Piece::Document { text, scope } => decode(&text, limits, &mut |unit| {
            found.push(match unit {
                Ok(mut decoded) => {
                    scope.note(&mut decoded.event);
                    Unit::Event(Box::new(decoded.event), decoded.raw.to_owned())
                }
                Err(rejected) => Unit::Rejected(rejected.reason, rejected.detail),
            });
        }),
        Piece::Skipped => found.push(Unit::Skipped),
        Piece::Rejected(rejected) => {
            found.push(Unit::Rejected(rejected.reason, rejected.detail));
        }
    });
    found
}

/// Opens a file: as one document if it ends in `.json`, else line by line.
fn opened_file(path: &Path) -> Vec<Unit> {
    let bytes = std::fs::read(path).unwrap();
    if path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return opened(&bytes, &LIMITS);
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.flat_map(|line| opened(line, &LIMITS)).collect()
}

fn outline(unit: &Unit) -> String {
    match unit {
        Unit::Event(event, _) => {
            let scope: Vec<String> = event
                .attributes
                .iter()
                .filter(|one| one.key.starts_with("cl"))
                .map(|one| format!("{}={}", one.key, one.value))
                .collect();
            format!(
                "{} {:?} {} {} by {:?}, {} {}",
                event.audit_id,
                event.stage,
                event.verb,
                event.request_uri,
                event.user.username,
                event.response.as_ref().map_or(0, |response| response.code),
                scope.join(" ")
            )
        }
        Unit::Skipped => "skipped".to_owned(),
        Unit::Rejected(reason, detail) => format!("{reason}: {detail}"),
    }
}

fn golden(name: &str, value: &impl serde::Serialize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/envelopes");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, value));
}

fn files() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/envelopes");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn every_form_is_opened() {
    let files = files();
    assert!(files.len() >= 22, "{}", files.len());
    for path in files {
        let outlines: Vec<String> = opened_file(&path).iter().map(outline).collect();
        assert!(!outlines.is_empty(), "{path:?}");
        golden(path.file_stem().unwrap().to_str().unwrap(), &outlines);
    }
}

/// The `raw` interface shows this text for events that an envelope does not hold unchanged.
#[test]
fn translated_event_has_the_form_of_the_api_server() {
    for name in ["google_lines", "azure_audit_table"] {
        let path = format!("{}/tests/envelopes/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let mut texts = Vec::new();
        let mut events = Vec::new();
        for unit in opened_file(Path::new(&path)) {
            if let Unit::Event(event, raw) = unit {
                texts.push(serde_json::from_str::<Value>(&raw).unwrap());
                events.push(event);
            }
        }
        assert!(events.len() >= 7, "{}", events.len());
        golden(&format!("{name}_as_text"), &texts);
        golden(&format!("{name}_as_events"), &events);
    }
}

/// One input for each fault.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let event = recorded().remove(0);
    let nested = (0..8).fold(
        json!({"awslogs": {"data": ""}}),
        |inner, _| json!({"awslogs": {"data": packed(&inner)}}),
    );
    let bomb = BASE64_STANDARD.encode(gzip(&vec![b' '; 2 << 20]));
    let text = |value: Value| value.to_string().into_bytes();
    let entry = |change: fn(&mut Value)| {
        let mut entry = log_entry(&recorded()[0]);
        change(&mut entry);
        text(entry)
    };
    let subscription = |more: Value| {
        let mut document = json!({
            "messageType": "DATA_MESSAGE",
            "logGroup": "/aws/eks/shop/cluster",
            "logStream": "kube-apiserver-audit-0123",
            "logEvents": [],
        });
        for (key, value) in more.as_object().unwrap() {
            document[key] = value.clone();
        }
        document
    };
    let good = json!({"id": "1", "timestamp": 1, "message": event});
    let cut = |value: Value, at: usize| {
        let mut text = value.to_string().into_bytes();
        text.truncate(text.len() - at);
        text
    };
    vec![
        (
            "message type",
            text(subscription(json!({"messageType": "OTHER"}))),
        ),
        (
            "no list of log events",
            text(subscription(json!({"logEvents": 1}))),
        ),
        (
            "a log event without a message",
            text(subscription(
                json!({"logEvents": [good, {"id": "2"}, 3, good]}),
            )),
        ),
        (
            "a message that is not an event",
            text(subscription(
                json!({"logEvents": [{"message": "{\"a\":1}"}]}),
            )),
        ),
        (
            "a truncated message",
            text(subscription(
                json!({"logEvents": [{"message": &event[..99]}]}),
            )),
        ),
        (
            "truncated in the list",
            cut(subscription(json!({"logEvents": [good, good]})), 99),
        ),
        (
            "truncated after the list",
            br#"{"messageType":"DATA_MESSAGE","logEvents":[]"#.to_vec(),
        ),
        (
            "truncated before the list",
            br#"{"messageType":"DATA_MES"#.to_vec(),
        ),
        ("base64", text(json!({"awslogs": {"data": "H4sI!"}}))),
        ("not base64", text(json!({"awslogs": {"data": 17}}))),
        ("gzip", b"H4sIAAAAAAAAA3N0cnYBAAAAAAA".to_vec()),
        ("a decompression bomb", bomb.into_bytes()),
        ("too many envelopes", text(nested)),
        (
            "a record of Kinesis without data",
            text(json!({"Records": [{"kinesis": {}}, {"s3": {}}]})),
        ),
        (
            "a record of Firehose with broken data",
            text(json!({"records": [
                {"recordId": "1", "data": BASE64_STANDARD.encode(&event)},
                {"recordId": "2", "data": "?"},
                {"recordId": "3", "data": BASE64_STANDARD.encode("text")},
            ]})),
        ),
        (
            "rows without a message",
            text(json!({"results": [[{"field": "@ptr", "value": "x"}]]})),
        ),
        ("a row with a number", text(json!({"@message": 17}))),
        (
            "an export",
            b"2026-11-22T01:50:55.847Z {\"kind\":\"Event\"".to_vec(),
        ),
        ("not an export", b"2026-11-22 01:50:55 {}".to_vec()),
        (
            "records of Azure without a log",
            text(json!({"records": [
                {"category": "kube-audit"},
                {"category": "kube-audit", "properties": {"pod": "x"}},
                {"category": "kube-audit", "properties": "{"},
                {"category": "kube-audit", "properties": {"log": "I1122 text"}},
                {"time": "x"},
            ]})),
        ),
        (
            "a row of diagnostics",
            text(json!({"Category": "kube-audit", "log_s": 1})),
        ),
        (
            "a row of the table",
            text(json!({"AuditId": "a", "Verb": "get"})),
        ),
        (
            "a row whose object is not JSON",
            text(json!({
                "AuditId": "a", "Verb": "get", "Level": "Metadata", "RequestUri": "/",
                "Stage": "ResponseComplete", "User": "{},\"verb\":\"create\"",
            })),
        ),
        (
            "an entry without a method",
            entry(|entry| entry["protoPayload"]["methodName"] = "create".into()),
        ),
        (
            "an entry without an id",
            entry(|entry| {
                entry["insertId"] = "".into();
                entry["operation"] = Value::Null;
            }),
        ),
        (
            "an entry with a broken time",
            entry(|entry| entry["timestamp"] = "now".into()),
        ),
        ("a truncated entry", cut(log_entry(&event), 9)),
        (
            "a truncated array",
            cut(json!([log_entry(&event), log_entry(&event)]), 9),
        ),
        (
            "a message of Pub/Sub",
            text(json!({"message": {"data": "?"}})),
        ),
        (
            "text after the end",
            [text(subscription(json!({}))), b" text".to_vec()].concat(),
        ),
    ]
}

#[test]
fn rejection_names_the_fault_and_its_location() {
    let limits = Limits {
        document_bytes: 1 << 20,
        ..LIMITS
    };
    let mut texts = Vec::new();
    let mut is_broken = false;
    for (case, bytes) in broken() {
        let units = opened(&bytes, &limits);
        let bad = units
            .iter()
            .filter(|unit| matches!(unit, Unit::Rejected(..)));
        assert!(bad.count() > 0, "{case}: {units:?}");
        for unit in units {
            match unit {
                Unit::Event(..) => texts.push(format!("{case}: an event")),
                Unit::Skipped => texts.push(format!("{case}: skipped")),
                Unit::Rejected(reason, detail) => {
                    assert!(detail.len() <= 256, "{case}");
                    is_broken |= reason == Reject::BrokenEnvelope;
                    texts.push(format!("{case}: {reason}, {detail}"));
                }
            }
        }
    }
    assert!(is_broken);
    golden("broken", &texts);
}

#[test]
fn truncated_list_gives_the_records_before_the_end() {
    let events = recorded();
    let (_, wrap) = FORMS[0];
    let text = wrap(&events[..2]);
    let first = without_place(opened(&text, &LIMITS).swap_remove(0));
    let list = String::from_utf8_lossy(&text);
    let end = list.rfind("],\"logGroup\"").unwrap();
    let mut units = opened(&text[..end - 40], &LIMITS);
    assert_eq!(units.len(), 2, "{units:?}");
    assert!(
        matches!(units[1], Unit::Rejected(Reject::Incomplete, _)),
        "{units:?}"
    );
    assert_eq!(without_place(units.remove(0)), first);
}

/// The author of a request chooses these contents and must not be able to forge events.
#[test]
fn envelopes_inside_events_are_not_opened() {
    let forged = recorded().remove(1);
    let event = common::sample(json!({
        "userAgent": forged,
        "requestObject": {
            "messageType": "DATA_MESSAGE",
            "logEvents": [{"message": forged}],
            "records": [{"category": "kube-audit", "properties": {"log": forged}}],
            "protoPayload": {},
        },
    }));
    for text in [event.to_string(), json!([event]).to_string()] {
        let units = opened(text.as_bytes(), &LIMITS);
        assert_eq!(units.len(), 1, "{units:?}");
        let Unit::Event(event, _) = &units[0] else {
            panic!("{units:?}");
        };
        assert_eq!(event.audit_id, "id");
    }
    assert!(is_plain(event.to_string().as_bytes()));
}

fn plain(events: &[String]) -> Vec<AuditEvent> {
    let units = events
        .iter()
        .flat_map(|event| units(event.as_bytes(), &LIMITS));
    units.map(|unit| unit.unwrap().event).collect()
}

/// Returns the event without the attributes of its envelope.
fn without_place(unit: Unit) -> AuditEvent {
    let Unit::Event(mut event, _) = unit else {
        panic!("{unit:?}");
    };
    let is_of_place = |key: &str| key == "cluster" || key.starts_with("cloud.");
    event.attributes.retain(|one| !is_of_place(&one.key));
    *event
}

fn opened_lines(bytes: &[u8], by_line: bool) -> Vec<Unit> {
    if !by_line {
        return opened(bytes, &LIMITS);
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.flat_map(|line| opened(line, &LIMITS)).collect()
}

#[test]
fn rows_of_a_table_are_events() {
    for (event, as_text) in recorded()
        .iter()
        .flat_map(|event| [(event, true), (event, false)])
    {
        let value: Value = serde_json::from_str(event).unwrap();
        let mut expected = plain(&[value.to_string()]).remove(0);
        let row = audit_row(event, as_text).to_string();
        let mut found = without_place(opened(row.as_bytes(), &LIMITS).remove(0));
        // The table has no column for this field or for fields that the model lacks.
        expected.impersonated_user = None;
        let is_other = |key: &str| !key.starts_with("responseStatus.");
        expected.attributes.retain(|one| !is_other(&one.key));
        found.attributes.retain(|one| !is_other(&one.key));
        assert_eq!(found, expected);
    }
}

/// GKE omits groups, extra, uid, and all addresses but one; the query of the URI, and the path
/// after a proxy; uid and version of the object; and patches that are lists.
#[test]
fn entries_of_gke_keep_their_facts() {
    for event in recorded() {
        let expected = plain(std::slice::from_ref(&event)).remove(0);
        let entry = log_entry(&event).to_string();
        let found = without_place(opened(entry.as_bytes(), &LIMITS).remove(0));
        let body: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(found.audit_id, expected.audit_id);
        assert_eq!(found.verb, expected.verb);
        assert_eq!(found.user.username, expected.user.username);
        let other = |event: &AuditEvent| {
            let user = event.impersonated_user.clone();
            user.map(|user| user.username)
        };
        assert_eq!(other(&found), other(&expected));
        assert_eq!(found.user_agent, expected.user_agent);
        assert_eq!(found.source_ips.first(), expected.source_ips.first());
        assert_eq!(found.time, expected.time);
        assert_eq!(found.stage, expected.stage);
        assert_eq!(found.annotations, expected.annotations);
        let object = |event: &AuditEvent| {
            let mut object = event.object.clone().unwrap_or_default();
            object.uid.clear();
            object.resource_version.clear();
            object
        };
        assert_eq!(object(&found), object(&expected));
        let path = |event: &AuditEvent| event.request_uri.split('?').next().map(str::to_owned);
        let (found_path, path) = (path(&found).unwrap(), path(&expected).unwrap());
        if object(&found).subresource == "proxy" {
            assert!(path.starts_with(&found_path), "{path}");
        } else {
            assert_eq!(found_path, path);
        }
        if !body["requestObject"].is_array() {
            assert_eq!(found.requested, expected.requested);
        }
        assert_eq!(found.resulting, expected.resulting);
        let failure = |event: &AuditEvent| {
            let code = event.response.as_ref().map_or(0, |response| response.code);
            (code >= 400).then_some(code / 100)
        };
        assert_eq!(failure(&found), failure(&expected));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn events_are_the_same_in_every_form(events in prop::collection::vec(one_of_recorded(), 1..4)) {
        let expected = plain(&events);
        for (name, wrap) in FORMS {
            let bytes = wrap(&events);
            let units = opened_lines(&bytes, name == "export");
            let found: Vec<AuditEvent> = units.into_iter().map(without_place).collect();
            prop_assert_eq!(&found, &expected, "{}", name);
        }
    }

    #[test]
    fn mixed_forms_are_opened(
        events in prop::collection::vec((one_of_recorded(), 0..FORMS.len()), 1..5),
        separator in "[ \n]{0,3}",
    ) {
        let mut text = Vec::new();
        let mut all = Vec::new();
        for (event, form) in events {
            let (name, wrap) = FORMS[form];
            // These forms end with their line.
            if matches!(name, "base64" | "export") {
                continue;
            }
            text.extend(wrap(std::slice::from_ref(&event)));
            text.extend(separator.as_bytes());
            all.push(event);
        }
        let found: Vec<_> = opened(&text, &LIMITS).into_iter().map(without_place).collect();
        prop_assert_eq!(found, plain(&all));
    }

    #[test]
    fn any_bytes_are_opened(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        opened(&bytes, &LIMITS);
        is_plain(&bytes);
    }

    /// Nothing panics.
    #[test]
    fn changed_envelopes_are_opened(
        event in one_of_recorded(),
        form in 0..FORMS.len() + 2,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = match FORMS.get(form) {
            Some((_, wrap)) => wrap(&[event]),
            None if form == FORMS.len() => log_entry(&event).to_string().into_bytes(),
            None => audit_row(&event, true).to_string().into_bytes(),
        };
        for (scope, value) in changes {
            let scope = scope.index(bytes.len());
            bytes[scope] = value;
        }
        opened(&bytes, &LIMITS);
        bytes.truncate(end.index(bytes.len()));
        opened(&bytes, &Limits { line_bytes: 500, document_bytes: 700, depth: 20 });
    }
}
