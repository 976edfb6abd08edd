//! Wraps events in the envelopes of clouds.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed"
)]

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

/// Writes a file of events.
pub type Wrap = fn(&[String]) -> Vec<u8>;

/// Every form that holds events unchanged.
pub const FORMS: [(&str, Wrap); 16] = [
    ("subscription", |events| bytes(&subscription(events))),
    ("back to back", |events| {
        let one = |event: &String| subscription(std::slice::from_ref(event)).to_string();
        events.iter().map(one).collect::<String>().into_bytes()
    }),
    ("messages back to back", |events| {
        events.concat().into_bytes()
    }),
    ("kinesis in lambda", |events| {
        let data = packed(&subscription(events));
        let record = json!({"kinesis": {"data": data}, "awsRegion": "eu-west-1"});
        bytes(&json!({"Records": [record]}))
    }),
    ("kinesis", |events| {
        let data = packed(&subscription(events));
        let record = json!({"Data": data, "SequenceNumber": "1", "PartitionKey": "p"});
        pretty(&json!({"Records": [record], "MillisBehindLatest": 0}))
    }),
    ("firehose", |events| {
        let record = json!({"recordId": "1", "data": packed(&subscription(events))});
        bytes(&json!({"deliveryStreamArn": "arn", "region": "eu-west-1", "records": [record]}))
    }),
    ("lambda", |events| {
        bytes(&json!({"awslogs": {"data": packed(&subscription(events))}}))
    }),
    ("base64", |events| {
        packed(&subscription(events)).into_bytes()
    }),
    ("export", |events| {
        lines(events, |event| format!("2026-11-22T01:50:55.847Z {event}"))
    }),
    ("filter-log-events", |events| {
        let event = |event: &String| json!({"logStreamName": "kube-apiserver-audit-0123", "timestamp": 1, "message": event});
        pretty(&json!({"events": events.iter().map(event).collect::<Vec<_>>()}))
    }),
    ("query results", |events| {
        let row = |event: &String| json!([{"field": "@message", "value": event}]);
        pretty(&json!({"results": events.iter().map(row).collect::<Vec<_>>()}))
    }),
    ("query export", |events| {
        let row = |event: &String| json!({"@message": event});
        pretty(&events.iter().map(row).collect())
    }),
    ("event hub", |events| {
        let records: Vec<Value> = events.iter().map(|event| resource_log(event)).collect();
        bytes(&json!({ "records": records }))
    }),
    ("blob", |events| {
        lines(events, |event| resource_log(event).to_string() + "\r")
    }),
    ("diagnostics table", |events| {
        let row = |event: &String| json!({"Category": "kube-audit", "log_s": event});
        pretty(&events.iter().map(row).collect())
    }),
    ("pub/sub of messages", |events| {
        lines(events, |event| {
            json!({"message": {"data": BASE64_STANDARD.encode(event)}}).to_string()
        })
    }),
];

fn bytes(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

fn lines(events: &[String], line: impl Fn(&str) -> String) -> Vec<u8> {
    let lines = events.iter().map(|event| line(event) + "\n");
    lines.collect::<String>().into_bytes()
}

fn subscription(events: &[String]) -> Value {
    let event = |event: &String| json!({"id": "1", "timestamp": 1, "message": event});
    json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/aws/eks/shop/cluster",
        "logStream": "kube-apiserver-audit-0123",
        "subscriptionFilters": ["wardline"],
        "logEvents": events.iter().map(event).collect::<Vec<_>>(),
    })
}

fn resource_log(event: &str) -> Value {
    json!({
        "time": "2026-11-22T01:50:55.847Z",
        "category": "kube-audit",
        "resourceId": "/SUBSCRIPTIONS/1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/SHOP",
        "properties": {"log": event, "stream": "stdout", "pod": "kube-apiserver-1"},
    })
}

pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub fn packed(value: &Value) -> String {
    BASE64_STANDARD.encode(gzip(value.to_string().as_bytes()))
}

/// A row of Log Analytics with the fields of an event; objects are JSON, or JSON in strings.
pub fn audit_row(event: &str, as_text: bool) -> Value {
    let event: Value = serde_json::from_str(event).unwrap();
    let mut row = Map::new();
    for (column, key) in [
        ("Level", "level"),
        ("AuditId", "auditID"),
        ("Stage", "stage"),
        ("RequestUri", "requestURI"),
        ("Verb", "verb"),
        ("User", "user"),
        ("SourceIps", "sourceIPs"),
        ("UserAgent", "userAgent"),
        ("ObjectRef", "objectRef"),
        ("ResponseStatus", "responseStatus"),
        ("RequestObject", "requestObject"),
        ("ResponseObject", "responseObject"),
        ("RequestReceivedTime", "requestReceivedTimestamp"),
        ("StageReceivedTime", "stageTimestamp"),
        ("Annotations", "annotations"),
    ] {
        let value = match &event[key] {
            Value::Null => continue,
            value if as_text && !value.is_string() => Value::String(value.to_string()),
            value => value.clone(),
        };
        row.insert(column.to_owned(), value);
    }
    Value::Object(row)
}

/// The entry into which GKE converts an event.
pub fn log_entry(event: &str) -> Value {
    let event: Value = serde_json::from_str(event).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let object = &event["objectRef"];
    let group = match text(&object["apiGroup"]) {
        group if group.is_empty() => "core".to_owned(),
        group => group,
    };
    let (method, resource) = if object.is_null() {
        let uri = text(&event["requestURI"]);
        let path = uri.split('?').next().unwrap_or_default();
        (
            format!("io.k8s.{}", text(&event["verb"])),
            path.trim_start_matches('/').to_owned(),
        )
    } else {
        let mut parts = vec![group.clone(), text(&object["apiVersion"])];
        if object["namespace"].is_string() && object["resource"] != "namespaces" {
            parts.extend(["namespaces".to_owned(), text(&object["namespace"])]);
        }
        for key in ["resource", "name", "subresource"] {
            parts.extend(object[key].as_str().map(str::to_owned));
        }
        let sub = text(&object["subresource"]);
        let dot = if sub.is_empty() { "" } else { "." };
        let (version, of, verb) = (
            text(&object["apiVersion"]),
            text(&object["resource"]),
            text(&event["verb"]),
        );
        let method = format!("io.k8s.{group}.{version}.{of}{dot}{sub}.{verb}");
        (method, parts.join("/"))
    };
    let mut payload = json!({
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "k8s.io",
        "methodName": method,
        "resourceName": resource,
        "authenticationInfo": {"principalEmail": event["user"]["username"]},
        "requestMetadata": {
            "callerIp": event["sourceIPs"][0],
            "callerSuppliedUserAgent": event["userAgent"],
        },
    });
    if let Some(other) = event["impersonatedUser"]["username"].as_str() {
        payload["authenticationInfo"]["authoritySelector"] = other.into();
    }
    let code = match event["responseStatus"]["code"].as_u64().unwrap_or_default() {
        400 | 422 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        409 => 10,
        code if code >= 500 => 13,
        _ => 0,
    };
    payload["status"] = json!({});
    if code != 0 {
        payload["status"] = json!({"code": code, "message": event["responseStatus"]["message"]});
    }
    for (key, from) in [("request", "requestObject"), ("response", "responseObject")] {
        if let Some(body) = event[from].as_object() {
            let mut body = body.clone();
            body.insert("@type".to_owned(), "core.k8s.io/v1.Object".into());
            payload[key] = Value::Object(body);
        }
    }
    let is_last = event["stage"] == "ResponseComplete";
    json!({
        "insertId": event["auditID"],
        "logName": "projects/shop-1/logs/cloudaudit.googleapis.com%2Factivity",
        "operation": {
            "id": event["auditID"],
            "producer": "k8s.io",
            "first": !is_last || code != 0,
            "last": is_last,
        },
        "labels": event["annotations"],
        "protoPayload": payload,
        "resource": {
            "type": "k8s_cluster",
            "labels": {"cluster_name": "shop", "location": "europe-west1", "project_id": "shop-1"},
        },
        "timestamp": event["stageTimestamp"],
    })
}
