//! Rows of the tables `AKSAudit` and `AKSAuditAdmin`. Their columns are the fields of an
//! event, without `impersonatedUser`.

use crate::envelope::object::Object;
use crate::envelope::write::Writer;

/// Columns of texts and times; Log Analytics writes times as RFC 3339.
const TEXTS: [(&str, &str); 8] = [
    ("Level", "level"),
    ("AuditId", "auditID"),
    ("Stage", "stage"),
    ("RequestUri", "requestURI"),
    ("Verb", "verb"),
    ("UserAgent", "userAgent"),
    ("RequestReceivedTime", "requestReceivedTimestamp"),
    ("StageReceivedTime", "stageTimestamp"),
];

/// Columns of the type `dynamic`: JSON, or JSON in a string.
const OBJECTS: [(&str, &str); 6] = [
    ("User", "user"),
    ("SourceIps", "sourceIPs"),
    ("ObjectRef", "objectRef"),
    ("ResponseStatus", "responseStatus"),
    ("RequestObject", "requestObject"),
    ("ResponseObject", "responseObject"),
];

/// Fields that an event may lack.
const BODIES: [&str; 2] = ["requestObject", "responseObject"];

/// The placeholder for an object that was too large to keep.
const TOO_LARGE: &str = "skipped-too-big-size-object";
const TRUNCATED: &str = "audit.k8s.io/truncated";

/// Writes the event of a row. The decoder reports its faults.
pub(super) fn event(row: &Object<'_>) -> Vec<u8> {
    let mut event = Writer::event();
    for (column, key) in TEXTS {
        event.text(key, &row.text_or_empty(column));
    }
    let mut is_truncated = false;
    for (column, key) in OBJECTS {
        match (row.text(column), row.get(column)) {
            (Some(text), _) if text == TOO_LARGE => is_truncated = true,
            (Some(text), _) if text.is_empty() => {}
            (Some(text), _) if is_json(&text) => event.raw(key, text.as_bytes()),
            // Log Analytics cuts values at 32 KB
            // (https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits).
            (Some(text), _) if BODIES.contains(&key) && text.starts_with('{') => {
                is_truncated = true;
            }
            (Some(text), _) => event.text(key, &text),
            (None, Some(value)) => event.raw(key, value),
            (None, None) => {}
        }
    }
    let text = row.text("Annotations");
    let annotations = match &text {
        Some(text) => Some(text.as_bytes()),
        None => row.get("Annotations"),
    };
    let mut written = Writer::object();
    if let Some(annotations) = annotations.and_then(Object::read) {
        for (key, value) in annotations.members() {
            written.raw_key(&[b"\"", key, b"\""].concat(), value);
        }
    }
    if is_truncated {
        written.text(TRUNCATED, "true");
    }
    event.inner("annotations", written);
    event.finish()
}

/// Whether a text is JSON. Other text must not be written unquoted: it could add fields.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
