//! Records of log collectors and stores: an event is the same in every form, and in every form
//! inside another.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

mod common;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use common::{LIMITS, one_of_recorded, recorded};
use proptest::prelude::*;
use serde_json::{Value, json};
use wardline_decode::envelope::{Piece, is_plain, is_several, open};
use wardline_decode::{Reject, decode};
use wardline_event::model::AuditEvent;

/// Writes a line into a record.
type Collector = (&'static str, fn(&str) -> String);

/// The forms in which collectors keep a line as text.
const LINES: [Collector; 42] = [
    ("containerd", |line| {
        format!("2026-03-02T10:00:00.1Z stdout F {line}")
    }),
    ("kubectl logs", |line| {
        format!("[pod/kube-apiserver-cp-1/kube-apiserver] {line}")
    }),
    ("aws logs tail", |line| {
        format!("2026-03-02T10:00:00.123000+00:00 kube-apiserver-audit-0a1b {line}")
    }),
    ("syslog, RFC 3164", |line| {
        format!("<133>Mar  2 10:00:00 cp-1 audit: {line}")
    }),
    ("syslog, RFC 5424", |line| {
        format!("<165>1 2026-03-02T10:00:00Z cp-1 audit 12 - [a@1 b=\"c\"] {line}")
    }),
    ("oc adm node-logs", |line| {
        format!("master-0.example.com {line}")
    }),
    ("journalctl", |line| {
        format!("Mar 02 10:00:00 cp-1 audit[12]: {line}")
    }),
    ("journald", |line| {
        json!({"__CURSOR": "s=1", "PRIORITY": "6", "MESSAGE": line}).to_string()
    }),
    ("docker", |line| {
        json!({"log": format!("{line}\n"), "stream": "stdout", "time": "2026-03-02T10:00:00.1Z"})
            .to_string()
    }),
    ("fluent bit", |line| {
        json!({"date": 1.5, "log": line, "kubernetes": {"namespace_name": "kube-system"}})
            .to_string()
    }),
    ("fluent bit, forward", |line| {
        json!([1.5, {"log": line}]).to_string()
    }),
    ("fluent bit, forward with metadata", |line| {
        json!([[1.5, {}], {"message": line}]).to_string()
    }),
    ("filebeat", |line| {
        json!({"@timestamp": "2026-03-02T10:00:00Z", "message": line, "log": {"offset": 0}})
            .to_string()
    }),
    ("vector", |line| {
        json!({"file": "/a", "message": line, "timestamp": "2026-03-02T10:00:00Z"}).to_string()
    }),
    ("loki, push", |line| {
        json!({"streams": [{"stream": {"job": "a"}, "values": [["1", line]]}]}).to_string()
    }),
    ("loki, query", |line| {
        json!({"status": "success", "data": {"resultType": "streams", "result": [
            {"stream": {}, "values": [["1", line, {}]]}
        ]}})
        .to_string()
    }),
    ("logcli", |line| {
        json!({"labels": {"job": "a"}, "line": line, "timestamp": "2026-03-02T10:00:00Z"})
            .to_string()
    }),
    ("elasticsearch", |line| {
        json!({"took": 1, "hits": {"total": {"value": 1}, "hits": [
            {"_index": "a", "_source": {"message": line}}
        ]}})
        .to_string()
    }),
    ("splunk, HEC", |line| {
        json!({"time": 1.5, "host": "a", "sourcetype": "b", "event": line}).to_string()
    }),
    ("splunk, export", |line| {
        json!({"preview": false, "result": {"_raw": line, "_time": "x"}}).to_string()
    }),
    ("opentelemetry", |line| {
        json!({"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": [
            {"timeUnixNano": "1", "body": {"stringValue": line}}
        ]}]}]})
        .to_string()
    }),
    ("cloud logging", |line| {
        json!({"payload": {"text": line}, "severity": "INFO"}).to_string()
    }),
    ("any collector with a stage", |line| {
        json!({"stage": "prod", "level": "info", "what": line}).to_string()
    }),
    ("followed by a comma", |line| format!("{line},")),
    ("after a byte order mark", |line| format!("\u{feff}{line}")),
    ("fluentd, file", |line| {
        format!(
            "2026-03-02T10:00:00+00:00\tkube.audit\t{}",
            json!({"log": line})
        )
    }),
    ("syslog, byte order mark", |line| {
        format!("<165>1 2026-03-02T10:00:00Z cp-1 audit - - - \u{feff}{line}")
    }),
    ("syslog, octet counting", |line| {
        let message = format!("<165>1 2026-03-02T10:00:00Z cp-1 audit - - - {line}");
        format!("{} {message}", message.len())
    }),
    ("journald, export", |line| format!("MESSAGE={line}")),
    ("journald, bytes", |line| {
        json!({"__CURSOR": "s=1", "MESSAGE": line.as_bytes()}).to_string()
    }),
    ("vector, parsed", |line| {
        json!({"source_type": "file", "message": {"inner": line}}).to_string()
    }),
    ("splunk, results", |line| {
        json!({"preview": false, "results": [{"_raw": line, "_time": "x"}]}).to_string()
    }),
    ("elasticsearch, original", |line| {
        json!({"_source": {"message": "list secrets", "event": {"original": line}}}).to_string()
    }),
    ("event hubs capture", |line| {
        json!({"SequenceNumber": 1, "Offset": "1", "EnqueuedTimeUtc": "x", "Properties": {},
            "Body": line})
        .to_string()
    }),
    ("event hubs capture, Avro as JSON", |line| {
        json!({"SequenceNumber": 1, "Body": {"bytes": line}}).to_string()
    }),
    ("event hubs capture, base64", |line| {
        json!({"SequenceNumber": 1, "Offset": "1", "Body": BASE64_STANDARD.encode(line)})
            .to_string()
    }),
    ("kafka", |line| {
        json!({"topic": "audit", "partition": 0, "offset": 1, "payload": line}).to_string()
    }),
    ("list under items", |line| {
        json!({"items": [{"log": line}]}).to_string()
    }),
    ("list under events", |line| {
        json!({"events": [{"log": line}]}).to_string()
    }),
    ("list under records", |line| {
        json!({"records": [{"log": line}]}).to_string()
    }),
    ("cloud logging, other cluster", |line| {
        json!({"logName": "projects/p/logs/audit", "insertId": "a",
            "resource": {"type": "gce_instance"}, "textPayload": line})
        .to_string()
    }),
    ("table", |line| {
        json!({"columns": [{"name": "time"}, {"name": "line"}], "rows": [["x", line]]}).to_string()
    }),
];

/// Forms that nothing else writes into: more than an event follows a prefix in them.
const OUTERMOST: [Collector; 2] = [
    ("a JSON string", |line| json!(line).to_string()),
    ("aws logs, text", |line| {
        format!("EVENTS\t1709373600000\tkube-apiserver-audit-0a1b\t{line}\t1709373600123")
    }),
];

/// The forms of clouds around a line that a collector wrote.
const CLOUDS: [Collector; 4] = [
    ("cloudwatch, subscription", |line| {
        json!({"messageType": "DATA_MESSAGE", "logGroup": "/k8s/audit", "logStream": "cp-1",
            "logEvents": [{"id": "1", "timestamp": 1, "message": line}]})
        .to_string()
    }),
    ("cloudwatch, filter-log-events", |line| {
        json!({"events": [{"logStreamName": "cp-1", "timestamp": 1, "message": line}]}).to_string()
    }),
    ("pub/sub", |line| {
        json!({"message": {"data": BASE64_STANDARD.encode(line), "messageId": "1"}}).to_string()
    }),
    ("kinesis", |line| {
        json!({"Records": [{"Data": BASE64_STANDARD.encode(line), "SequenceNumber": "1"}]})
            .to_string()
    }),
];

/// The forms in which collectors keep an event parsed.
const PARSED: [Collector; 11] = [
    ("splunk, HEC", |event| {
        json!({"time": 1.5, "event": value(event)}).to_string()
    }),
    ("elasticsearch", |event| {
        json!({"_index": "a", "_id": "b", "_source": value(event)}).to_string()
    }),
    ("fluent bit, merged", |event| {
        json!({"date": 1.5, "log_processed": value(event), "kubernetes": {}}).to_string()
    }),
    ("fluent bit, forward", |event| {
        json!([1.5, value(event)]).to_string()
    }),
    ("opensearch", |event| {
        json!({"hits": {"hits": [{"_source": {"kubernetes": {}, "audit": value(event)}}]}})
            .to_string()
    }),
    ("cloud logging", |event| {
        json!({"jsonPayload": value(event)}).to_string()
    }),
    ("vector, remapped", |event| {
        json!({"source_type": "file", "message": value(event)}).to_string()
    }),
    ("elastic integration", |event| {
        json!({"_source": {"kubernetes": {"labels": {"a": "b"}, "audit": value(event)}}})
            .to_string()
    }),
    ("cloud logging, other cluster", |event| {
        json!({"logName": "a", "insertId": "b", "jsonPayload": value(event)}).to_string()
    }),
    ("list under events", |event| {
        json!({"events": [value(event)]}).to_string()
    }),
    ("fluent bit, line and parsed", |event| {
        json!({"date": 1.5, "log": event, "log_processed": value(event)}).to_string()
    }),
];

fn value(event: &str) -> Value {
    serde_json::from_str(event).unwrap()
}

/// The text of each event, or the reason of its rejection.
fn opened(bytes: &[u8]) -> Vec<Result<String, Reject>> {
    let mut found = Vec::new();
    open(bytes, &LIMITS, &mut |piece| match piece {
        Piece::Document { text, scope } => decode(&text, &LIMITS, &mut |unit| {
            assert_eq!(scope.provider, "", "a collector names no cloud");
            let unit = unit.map(|decoded| decoded.raw.to_owned());
            found.push(unit.map_err(|rejected| rejected.reason));
        }),
        Piece::Skipped => panic!(
            "nothing is of another log: {}",
            String::from_utf8_lossy(bytes)
        ),
        Piece::Rejected(rejected) => found.push(Err(rejected.reason)),
    });
    found
}

/// Whether the host opens the line, or decodes it as an event.
fn is_opened(line: &str) -> bool {
    !is_plain(line.as_bytes()) || is_several(line.as_bytes())
}

#[test]
fn event_is_the_same_in_every_form() {
    let event = recorded().remove(0);
    for (name, collector) in LINES {
        let line = collector(&event);
        assert!(is_opened(&line), "{name}");
        assert_eq!(opened(line.as_bytes()), [Ok(event.clone())], "{name}");
    }
    for (name, collector) in PARSED {
        let line = collector(&event);
        assert!(is_opened(&line), "{name}");
        let found = opened(line.as_bytes());
        let [Ok(text)] = found.as_slice() else {
            panic!("{name}: {found:?}")
        };
        assert_eq!(value(text), value(&event), "{name}");
    }
}

#[test]
fn bigquery_row_of_gke_is_translated() {
    let row = json!({
        "insertId": "a",
        "timestamp": "2026-03-02 10:00:00.100000 UTC",
        "resource": {"type": "k8s_cluster", "labels": {"cluster_name": "shop"}},
        "protopayload_auditlog": {
            "methodName": "io.k8s.core.v1.secrets.list",
            "resourceName": "core/v1/namespaces/shop/secrets",
        },
    });
    let mut count = 0;
    open(row.to_string().as_bytes(), &LIMITS, &mut |piece| {
        let Piece::Document { text, scope } = piece else {
            panic!("{piece:?}")
        };
        assert_eq!(scope.cluster, "shop");
        decode(&text, &LIMITS, &mut |unit| {
            assert_eq!(unit.unwrap().event.verb, "list");
            count += 1;
        });
    });
    assert_eq!(count, 1);
}

#[test]
fn response_of_log_analytics_has_the_rows_of_its_tables() {
    let event = recorded().remove(0);
    let response = json!({"tables": [{
        "name": "PrimaryResult",
        "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Category"}, {"name": "log_s"}],
        "rows": [["x", "kube-audit", event], ["x", "kube-audit", event]],
    }]});
    let mut count = 0;
    open(response.to_string().as_bytes(), &LIMITS, &mut |piece| {
        let Piece::Document { text, .. } = piece else {
            panic!("{piece:?}")
        };
        assert_eq!(text, event.as_bytes());
        count += 1;
    });
    assert_eq!(count, 2);
}

/// Values that users of the cluster choose are not searched for events.
#[test]
fn event_in_a_label_or_in_an_object_is_a_forgery() {
    let event = recorded().remove(0);
    for record in [
        json!({"log": "text", "kubernetes": {"annotations": {"a": event}}}),
        json!({"log": "text", "labels": {"auditID": event}}),
        json!({"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": event}}),
    ] {
        let found = opened(record.to_string().as_bytes());
        assert_eq!(found, [Err(Reject::NotAnAuditEvent)], "{record}");
    }
}

#[test]
fn broken_record_affects_no_other() {
    let event = recorded().remove(0);
    let list = format!(
        "[{},{{\"log\":broken}},17,{}]",
        json!({"log": event}),
        json!({"log": event})
    );
    let found = opened(list.as_bytes());
    let events = found.iter().filter(|unit| unit.is_ok()).count();
    assert_eq!(events, 2, "{found:?}");
}

/// A line without an event is one of another log if a collector is known by its record; it is
/// never left uncounted.
#[test]
fn other_lines_are_skipped_and_traces_of_events_are_rejected() {
    for (line, expected) in [
        (
            json!({"log": "I0302 text\n", "stream": "stderr", "time": "x"}).to_string(),
            None,
        ),
        (
            json!({"__CURSOR": "a", "MESSAGE": "text"}).to_string(),
            None,
        ),
        (
            json!({"log": "", "stream": "stderr", "time": "x"}).to_string(),
            None,
        ),
        ("<133>Mar  2 10:00:00 cp-1 kubelet: text".to_owned(), None),
        ("2026-03-02T10:00:00Z stderr F I0302 text".to_owned(), None),
        ("_HOSTNAME=cp-1".to_owned(), None),
        (
            json!({"log": "x {\"auditID\":", "stream": "stderr", "time": "x"}).to_string(),
            Some(Reject::Incomplete),
        ),
        (
            json!({"__CURSOR": "a", "MESSAGE": null}).to_string(),
            Some(Reject::NotAnAuditEvent),
        ),
        (
            "2026-03-02T10:00:00Z stdout F \"auditID\":\"a\"}".to_owned(),
            Some(Reject::Malformed),
        ),
        ("[1,\"a\"]".to_owned(), Some(Reject::NotAnAuditEvent)),
        ("text".to_owned(), Some(Reject::Malformed)),
    ] {
        let mut found = Vec::new();
        open(line.as_bytes(), &LIMITS, &mut |piece| match piece {
            Piece::Document { text, .. } => decode(&text, &LIMITS, &mut |unit| {
                found.push(unit.err().map(|rejected| rejected.reason));
            }),
            Piece::Skipped => found.push(None),
            Piece::Rejected(rejected) => found.push(Some(rejected.reason)),
        });
        assert!(!found.is_empty(), "{line}");
        assert!(
            found.iter().all(|one| *one == expected),
            "{line}: {found:?}"
        );
    }
}

/// Each record of a list counts, also those beside an event.
#[test]
fn other_records_of_a_list_are_counted() {
    let event = recorded().remove(0);
    let streams = json!({"streams": [{"stream": {}, "values": [
        ["1", event], ["2", "text"], ["3", "{\"auditID\":"], ["4", event],
    ]}]});
    let (mut events, mut skipped, mut rejected) = (0, 0, 0);
    open(
        streams.to_string().as_bytes(),
        &LIMITS,
        &mut |piece| match piece {
            Piece::Document { text, .. } => decode(&text, &LIMITS, &mut |unit| match unit {
                Ok(_) => events += 1,
                Err(_) => rejected += 1,
            }),
            Piece::Skipped => skipped += 1,
            Piece::Rejected(_) => rejected += 1,
        },
    );
    assert_eq!((events, skipped, rejected), (2, 1, 1));
}

#[test]
fn brackets_of_a_list_may_be_on_lines_of_their_own() {
    for line in ["[", "]", "],"] {
        assert_eq!(opened(line.as_bytes()), [], "{line}");
    }
}

#[test]
fn rows_of_linked_datasets_and_log_sinks_are_translated() {
    let body = json!({"kind": "Pod", "metadata": {"name": "web"}});
    let sink = json!({
        "insertId": "a", "timestamp": "2026-03-02 10:00:00 UTC",
        "labels": {"authorization_k8s_io_decision": "allow"},
        "resource": {"labels": {"cluster_name": "shop"}},
        "protopayload_auditlog": {
            "methodName": "io.k8s.core.v1.pods.create", "requestJson": body.to_string(),
            "resourceName": "core/v1/namespaces/shop/pods/web",
            "requestMetadata": {"callerIp": "192.0.2.1"},
        },
    });
    let dataset = json!({
        "insert_id": "a", "timestamp": "2026-03-02T10:00:00Z",
        "labels": {"authorization.k8s.io/decision": "allow"},
        "resource": {"labels": {"cluster_name": "shop"}},
        "proto_payload": {"audit_log": {
            "service_name": "k8s.io", "method_name": "io.k8s.core.v1.pods.create",
            "request": body, "resource_name": "core/v1/namespaces/shop/pods/web",
            "request_metadata": {"caller_ip": "192.0.2.1"},
        }},
    });
    let read = |row: &Value| {
        let mut events = Vec::new();
        open(row.to_string().as_bytes(), &LIMITS, &mut |piece| {
            let Piece::Document { text, scope } = piece else {
                panic!("{piece:?}")
            };
            assert_eq!(scope.cluster, "shop");
            events.push(common::event(std::str::from_utf8(&text).unwrap()));
        });
        events.remove(0)
    };
    let event = read(&sink);
    assert!(event.requested.is_some());
    assert_eq!(event.source_ips, ["192.0.2.1"]);
    assert_eq!(read(&dataset), event);
}

/// Cloud Logging also keeps what containers print.
#[test]
fn entry_of_a_container_is_of_another_log() {
    let event = recorded().remove(0);
    let entry = json!({"logName": "a", "insertId": "b", "textPayload": event,
        "resource": {"type": "k8s_container"}});
    let mut skipped = 0;
    open(
        entry.to_string().as_bytes(),
        &LIMITS,
        &mut |piece| match piece {
            Piece::Skipped => skipped += 1,
            other => panic!("{other:?}"),
        },
    );
    assert_eq!(skipped, 1);
}

/// Collectors read what other collectors wrote, and clouds what collectors wrote.
#[test]
fn event_is_the_same_in_every_form_inside_another() {
    let event = recorded().remove(0);
    let expected = (vec![common::event(&event)], 0);
    let mut wrong = Vec::new();
    for (outer, wrap) in LINES.iter().chain(&CLOUDS).chain(&OUTERMOST) {
        for (inner, wrap_inner) in LINES.iter().chain(&PARSED).chain(&CLOUDS) {
            if events(&wrap(&wrap_inner(&event))) != expected {
                wrong.push(format!("{inner} in {outer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The stack and the memory that a line takes are bounded, however it is nested.
#[test]
fn hostile_nesting_is_bounded() {
    for (open_with, close_with) in [
        ("{\"a\":", "}"),
        ("{\"message\":", "}"),
        ("{\"Body\":[", "]}"),
        ("[[1.5,", "]]"),
        ("{\"events\":[", "]}"),
        ("{\"results\":[", "]}"),
        ("{\"records\":[", "]}"),
        (
            "{\"logName\":\"a\",\"insertId\":\"b\",\"jsonPayload\":",
            "}",
        ),
    ] {
        let event = recorded().remove(0);
        let line = format!(
            "{}{event}{}",
            open_with.repeat(50_000),
            close_with.repeat(50_000)
        );
        assert!(events(&line).0.is_empty(), "{open_with}");
        assert!(events(&line).1 > 0, "{open_with}");
    }
}

#[test]
fn texts_of_a_record_are_unpacked_within_one_limit() {
    let bomb = {
        use std::io::Write;
        let level = flate2::Compression::best();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(&vec![b' '; 3 << 20]).unwrap();
        BASE64_STANDARD.encode(encoder.finish().unwrap())
    };
    let limits = wardline_decode::Limits {
        document_bytes: 4 << 20,
        ..LIMITS
    };
    let texts: Vec<&str> = vec![&bomb; 2000];
    let line = json!({"a": texts}).to_string();
    let mut count = 0;
    open(line.as_bytes(), &limits, &mut |_| count += 1);
    assert_eq!(count, 1);
}

type Write = fn(&str) -> String;

fn any_form() -> impl Strategy<Value = Collector> {
    let forms: Vec<(&'static str, Write)> = LINES
        .iter()
        .chain(&PARSED)
        .chain(&CLOUDS)
        .copied()
        .collect();
    proptest::sample::select(forms)
}

/// A form that keeps any line, and not only an event.
fn any_form_of_lines() -> impl Strategy<Value = Collector> {
    let forms: Vec<(&'static str, Write)> = LINES
        .iter()
        .chain(&CLOUDS)
        .chain(&OUTERMOST)
        .copied()
        .collect();
    proptest::sample::select(forms)
}

/// The events in a line, and how much else was counted.
fn events(line: &str) -> (Vec<AuditEvent>, usize) {
    let (mut events, mut others) = (Vec::new(), 0);
    open(line.as_bytes(), &LIMITS, &mut |piece| match piece {
        Piece::Document { text, .. } => decode(&text, &LIMITS, &mut |unit| match unit {
            Ok(decoded) => events.push(decoded.event),
            Err(_) => others += 1,
        }),
        Piece::Skipped | Piece::Rejected(_) => others += 1,
    });
    (events, others)
}

proptest! {
    #[test]
    fn any_event_is_the_same_in_any_form_inside_any_other(
        event in one_of_recorded(),
        inner in any_form(),
        outer in any_form_of_lines(),
    ) {
        // Forms that parse an event order its members by their names.
        let event = value(&event).to_string();
        let line = outer.1(&inner.1(&event));
        let expected = (vec![common::event(&event)], 0);
        prop_assert_eq!(events(&line), expected, "{} in {}: {}", inner.0, outer.0, line);
    }

    /// A client chooses many values of an event; none of them is read as another event.
    #[test]
    fn event_inside_an_event_is_not_read(
        event in one_of_recorded(),
        forged in one_of_recorded(),
        inner in any_form(),
        outer in any_form_of_lines(),
        place in 0..5_usize,
    ) {
        let mut whole = value(&event);
        let text = inner.1(&forged);
        match place {
            0 => whole["userAgent"] = json!(text),
            1 => whole["requestURI"] = json!(format!("/x?{text}")),
            2 => whole["requestObject"] = json!({"message": text, "log": value(&forged)}),
            3 => whole["annotations"] = json!({"message": text}),
            _ => whole["user"]["extra"] = json!({"log": [text]}),
        }
        let (found, others) = events(&outer.1(&whole.to_string()));
        prop_assert_eq!(others, 0);
        prop_assert_eq!(found.len(), 1, "{} in {}", inner.0, outer.0);
        prop_assert_eq!(&found[0].audit_id, &common::event(&event).audit_id);
    }

    #[test]
    fn any_record_is_opened_without_a_panic(
        event in one_of_recorded(),
        form in any_form(),
        outer in any_form_of_lines(),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut line = outer.1(&form.1(&event)).into_bytes();
        let at = at.index(line.len());
        line[at] = byte;
        let mut count = 0;
        open(&line, &LIMITS, &mut |_| count += 1);
        prop_assert!(count > 0, "nothing is lost without a word");
    }
}
