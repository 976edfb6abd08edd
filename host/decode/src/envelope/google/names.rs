//! Entries whose members have other names: rows of BigQuery.
//!
//! A log sink writes the payload as `protopayload_auditlog`, and its bodies as texts
//! (<https://cloud.google.com/logging/docs/export/bigquery>). A linked dataset has the names of protocol
//! buffers: `proto_payload.audit_log.method_name`
//! (<https://cloud.google.com/logging/docs/analyze/query-linked-dataset>).

use crate::envelope::object::Object;
use crate::envelope::write::Writer;

/// Members whose own members are data, and not fields of an entry.
const DATA: [&[u8]; 5] = [
    b"labels",
    b"request",
    b"response",
    b"metadata",
    b"service_data",
];

/// The deepest field of an entry that is read: `proto_payload.audit_log.request_metadata.caller_ip`.
const LEVELS: usize = 4;

/// Returns the entry with the names of a `LogEntry`, if it has those of protocol buffers.
pub(super) fn renamed(entry: &Object<'_>) -> Option<Vec<u8>> {
    let payload = entry.object("proto_payload")?;
    let audit = payload.object("audit_log").unwrap_or(payload);
    let mut written = Writer::object();
    for (key, value) in entry.members() {
        if key == b"proto_payload" {
            written.raw("protoPayload", &with_names(&audit, 1));
        } else {
            add(&mut written, key, value, 1);
        }
    }
    Some(written.finish())
}

fn with_names(object: &Object<'_>, level: usize) -> Vec<u8> {
    let mut written = Writer::object();
    for (key, value) in object.members() {
        add(&mut written, key, value, level);
    }
    written.finish()
}

fn add(written: &mut Writer, key: &[u8], value: &[u8], level: usize) {
    let name = [b"\"", camel_case(key).as_slice(), b"\""].concat();
    let inner = Object::read(value).filter(|_| level < LEVELS && !DATA.contains(&key));
    match inner {
        Some(inner) if inner.is_whole => {
            let inner = match key {
                // `resource.labels` are data; `resource.type` is the same in both.
                b"resource" => value.to_vec(),
                _ => with_names(&inner, level + 1),
            };
            written.raw_key(&name, &inner);
        }
        _ => written.raw_key(&name, value),
    }
}

/// `method_name` as `methodName`.
fn camel_case(key: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(key.len());
    let mut is_start = false;
    for byte in key {
        match byte {
            b'_' if !name.is_empty() => is_start = true,
            _ if is_start => {
                name.push(byte.to_ascii_uppercase());
                is_start = false;
            }
            _ => name.push(*byte),
        }
    }
    name
}

/// Returns a body of the payload: an object, or the text of one in the member of a log sink.
pub(super) fn body(payload: &Object<'_>, key: &str, as_text: &str) -> Option<Vec<u8>> {
    let text = payload.text(key).or_else(|| payload.text(as_text));
    let body = match &text {
        Some(text) => text.as_bytes(),
        None => payload.get(key)?,
    };
    Object::read(body)?;
    // Text that is not JSON could add members to the event.
    serde_json::from_slice::<serde::de::IgnoredAny>(body).ok()?;
    Some(body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::{camel_case, renamed};
    use crate::envelope::object::Object;

    #[test]
    fn fields_are_renamed_and_data_is_kept() {
        let row = br#"{"insert_id":"a","labels":{"b_c":"d"},"resource":{"labels":{"cluster_name":"e"}},"proto_payload":{"audit_log":{"request_metadata":{"caller_ip":"f"},"request":{"g_h":1}}}}"#;
        let entry = renamed(&Object::read(row).unwrap()).unwrap();
        assert_eq!(
            String::from_utf8(entry).unwrap(),
            r#"{"insertId":"a","labels":{"b_c":"d"},"resource":{"labels":{"cluster_name":"e"}},"protoPayload":{"requestMetadata":{"callerIp":"f"},"request":{"g_h":1}}}"#
        );
        assert!(renamed(&Object::read(b"{\"protoPayload\":{}}").unwrap()).is_none());
        assert_eq!(camel_case(b"principal_email"), b"principalEmail");
        assert_eq!(camel_case(b"@type"), b"@type");
    }
}
