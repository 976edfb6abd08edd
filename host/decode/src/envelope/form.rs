//! Recognizes the form of an envelope by the keys of a document.
//!
//! Only keys count: the author of a request chooses many of an event's values, but none of
//! its top-level keys.

use super::object::{Object, Walk, text};
use crate::scan::skip_blank;

/// The form of a document that is neither an event nor a list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// CloudWatch Logs: the delivery of a subscription.
    Subscription,
    /// CloudWatch Logs: the input of a Lambda function with a subscription.
    LambdaLogs,
    /// CloudWatch Logs: the output of `filter-log-events` and `get-log-events`.
    LogEvents,
    /// CloudWatch Logs: one log event of such an output.
    LogEvent,
    /// CloudWatch Logs Insights: the output of `get-query-results`.
    QueryResults,
    /// CloudWatch Logs Insights: one row, keyed by the names of its fields.
    QueryRow,
    /// Kinesis: the input of a Lambda function, or the output of `get-records`.
    KinesisRecords,
    /// Kinesis: one record.
    KinesisRecord,
    /// Firehose or Event Hubs: a list under `records`, a key that both use.
    Records,
    /// Firehose: one record of a transformation.
    FirehoseRecord,
    /// Pub/Sub: the output of `pull`.
    PubSubMessages,
    /// Pub/Sub: one message, pushed or pulled.
    PubSubMessage,
    /// Cloud Logging: one entry.
    LogEntry,
    /// Log Analytics: the response of a query.
    Tables,
    /// Log Analytics: one table of such a response.
    Table,
    /// Azure Monitor: one resource log record.
    ResourceLog,
    /// Log Analytics: one row of `AKSAudit` or `AKSAuditAdmin`.
    AuditRow,
    /// Log Analytics: one row of `AzureDiagnostics`.
    DiagnosticsRow,
}

impl Form {
    /// Returns the form of a document; none for an event, a list of events, and unknown
    /// documents.
    pub fn of(object: &Object<'_>) -> Option<Self> {
        if is_event(object) {
            return None;
        }
        let is_list = |key| object.begins(key, b'[');
        let is_object = |key| object.begins(key, b'{');
        let is_text = |key| object.begins(key, b'"');
        Some(if object.has("@message") {
            Self::QueryRow
        } else if object.has("messageType") || is_list("logEvents") {
            Self::Subscription
        } else if is_object("awslogs") {
            Self::LambdaLogs
        } else if is_list("Records") {
            Self::KinesisRecords
        } else if is_list("records") {
            Self::Records
        } else if is_list("events") {
            Self::LogEvents
        } else if is_list("results") {
            Self::QueryResults
        } else if is_list("receivedMessages") {
            Self::PubSubMessages
        } else if is_object("kinesis") || (is_text("Data") && object.has("SequenceNumber")) {
            Self::KinesisRecord
        } else if is_text("data") && object.has("recordId") {
            Self::FirehoseRecord
        } else if is_object("message") {
            Self::PubSubMessage
        } else if is_object("protoPayload")
            || is_object("protopayload_auditlog")
            || is_object("proto_payload")
            || (object.has("logName") && object.has("insertId"))
        {
            Self::LogEntry
        } else if is_text("message") && is_of_cloud_watch(object) {
            Self::LogEvent
        } else if is_list("tables") || is_list("Tables") {
            Self::Tables
        } else if (is_list("columns") && is_list("rows")) || (is_list("Columns") && is_list("Rows"))
        {
            Self::Table
        } else if object.has("AuditId") && object.has("Verb") {
            Self::AuditRow
        } else if object.has("log_s") {
            Self::DiagnosticsRow
        } else if is_text("category") && (object.has("properties") || object.has("resourceId")) {
            Self::ResourceLog
        } else {
            return None;
        })
    }
}

/// Whether these are the members of a log event of CloudWatch Logs, whose times are numbers. Other
/// collectors use `message` and `timestamp` too.
pub(super) fn is_of_cloud_watch(object: &Object<'_>) -> bool {
    object.has("logStreamName")
        || object.has("ingestionTime")
        || (object.value::<u64>("timestamp").is_some()
            && (object.has("eventId") || object.has("id")))
}

/// Whether an object is an event or a list of events.
fn is_event(object: &Object<'_>) -> bool {
    object.members().any(is_of_an_event)
}

/// Whether an object is an event, and not a list of events.
pub(super) fn is_event_alone(object: &Object<'_>) -> bool {
    object
        .members()
        .any(|(key, value)| key != b"items" && is_of_an_event((key, value)))
}

/// Whether a line or a document can go to the decoder unchanged. The first bytes that
/// kube-apiserver writes decide, else the first key that distinguishes the forms.
pub fn is_plain(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"{\"kind\":\"Event") {
        return true;
    }
    let start = skip_blank(bytes, 0);
    let Some(document) = bytes.get(start..).filter(|rest| rest.starts_with(b"{")) else {
        return false;
    };
    Walk::new(document).find_map(tells).unwrap_or(false)
}

/// Whether a document with this member is an event or a list of events; none if the member
/// occurs in both.
fn tells(member: (&[u8], &[u8])) -> Option<bool> {
    if is_of_an_event(member) {
        return Some(true);
    }
    const OTHERS: [&[u8]; 12] = [
        b"messageType",
        b"logEvents",
        b"Records",
        b"records",
        b"protoPayload",
        b"properties",
        b"message",
        b"@message",
        b"insertId",
        b"category",
        b"data",
        b"awslogs",
    ];
    OTHERS.contains(&member.0).then_some(false)
}

/// Whether a list is one of events, as far as its first item tells. Others write their records under
/// `items` too.
fn begins_with_event(list: &[u8]) -> bool {
    let first = list.get(1..).map(crate::scan::trim).unwrap_or_default();
    !list.starts_with(b"[") || first.first() != Some(&b'{') || is_plain(first)
}

fn is_of_an_event((key, value): (&[u8], &[u8])) -> bool {
    match key {
        b"auditID" | b"requestURI" => true,
        b"items" => begins_with_event(value),
        b"stage" => matches!(
            text(value).as_deref(),
            Some("RequestReceived" | "ResponseStarted" | "ResponseComplete" | "Panic")
        ),
        // Azure's records have a `level` too.
        b"level" => matches!(
            text(value).as_deref(),
            Some("Metadata" | "Request" | "RequestResponse")
        ),
        b"kind" => matches!(text(value).as_deref(), Some("Event" | "EventList")),
        b"apiVersion" => text(value).is_some_and(|version| version.starts_with("audit.k8s.io/")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, is_plain};
    use crate::envelope::object::Object;

    fn form(text: &str) -> Option<Form> {
        Form::of(&Object::read(text.as_bytes()).unwrap())
    }

    #[test]
    fn events_are_plain_whatever_they_contain() {
        for text in [
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","records":[]}"#,
            r#"{"kind":"EventList","items":[]}"#,
            r#"{"metadata":{},"items":[]}"#,
            r#"{"annotations":{"messageType":"x"},"auditID":"a","logEvents":[]}"#,
            r#" {"apiVersion":"audit.k8s.io/v1","message":{"data":"x"}}"#,
            r#"{"level":"Metadata","protoPayload":{}}"#,
        ] {
            assert!(is_plain(text.as_bytes()), "{text}");
            assert_eq!(form(text.trim()), None, "{text}");
        }
    }

    #[test]
    fn other_documents_are_not_envelopes() {
        for text in [
            "{}",
            r#"{"kind":"Pod","apiVersion":"v1","spec":{}}"#,
            r#"{"records":"x","message":1,"category":"kube-audit"}"#,
            r#"{"user":{"records":[]}}"#,
        ] {
            assert!(!is_plain(text.as_bytes()), "{text}");
            assert_eq!(form(text), None, "{text}");
        }
    }
}
