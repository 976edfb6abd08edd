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

use common::{LIMITS, one_of_recorded, recorded};
use proptest::prelude::*;
use serde_json::{Value, json};
use wardline_decode::envelope::{Piece, is_plain, is_several, open};
use wardline_decode::{Reject, decode};

/// Writes a line into a record.
type Collector = (&'static str, fn(&str) -> String);

/// The forms in which collectors keep a line as text.
const LINES: [Collector; 24] = [
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
];

/// The forms in which collectors keep an event parsed.
const PARSED: [Collector; 6] = [
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

/// What users of the cluster choose is not searched for events.
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

/// Collectors read what other collectors wrote.
#[test]
fn event_is_the_same_in_every_form_inside_another() {
    let event = recorded().remove(0);
    let mut wrong = Vec::new();
    for (outer, wrap) in LINES {
        for (inner, wrap_inner) in LINES.iter().chain(&PARSED) {
            let found = opened(wrap(&wrap_inner(&event)).as_bytes());
            let is_right = matches!(found.as_slice(), [Ok(text)] if value(text) == value(&event));
            if !is_right {
                wrong.push(format!("{inner} in {outer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

proptest! {
    #[test]
    fn any_record_is_opened_without_a_panic(
        event in one_of_recorded(),
        form in 0..LINES.len(),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut line = LINES[form].1(&event).into_bytes();
        let at = at.index(line.len());
        line[at] = byte;
        let mut count = 0;
        open(&line, &LIMITS, &mut |_| count += 1);
        prop_assert!(count > 0, "nothing is lost without a word");
    }
}
