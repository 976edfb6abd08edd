//! Names the collector or store that wrote a record, for records without an audit event.
//!
//! The name serves an operator; how a record is opened does not depend on it.

use super::object::Object;

/// A collector or store, and the member in which it keeps a line.
pub(super) struct Collector {
    pub name: &'static str,
    pub line: &'static str,
}

/// Returns the collector whose members a record has.
pub(super) fn of(object: &Object<'_>) -> Option<Collector> {
    let has = |keys: &[&str]| keys.iter().any(|key| object.has(key));
    let of = |name, line| Some(Collector { name, line });
    if object.has("log") && object.has("stream") && object.has("time") {
        of("Docker", "log")
    } else if has(&["__CURSOR", "__REALTIME_TIMESTAMP", "_BOOT_ID"]) {
        of("journald", "MESSAGE")
    } else if object.has("message") && has(&["source_type"]) {
        of("Vector", "message")
    } else if object.has("message") && has(&["@timestamp", "@version"]) {
        of("Filebeat or Logstash", "message")
    } else if object.has("message") && has(&["date", "kubernetes", "tag", "timestamp"]) {
        of("Fluentd, Fluent Bit, or Vector", "message")
    } else if object.has("log") && has(&["date", "kubernetes", "tag", "time", "stream"]) {
        of("Fluent Bit", "log")
    } else if object.has("_raw") {
        of("Splunk", "_raw")
    } else if object.has("event") && has(&["sourcetype", "source", "index"]) {
        of("Splunk", "event")
    } else if object.has("line") && has(&["labels", "timestamp"]) {
        of("Loki", "line")
    } else if object.has("streams") {
        of("Loki", "streams")
    } else if object.has("_source") {
        of("Elasticsearch", "_source")
    } else if object.has("hits") {
        of("Elasticsearch", "hits")
    } else if object.has("resourceLogs") {
        of("OpenTelemetry", "resourceLogs")
    } else if object.has("Body") && has(&["SequenceNumber", "EnqueuedTimeUtc"]) {
        of("Event Hubs Capture", "Body")
    } else {
        None
    }
}

/// How many bytes of a line are looked at for the head that syslog writes.
const PRIORITY_BYTES: usize = 5;

/// Whether a line that is not JSON is of a form in which audit events come among other lines: a message
/// of syslog, a field in the export format of journald
/// (<https://systemd.io/JOURNAL_EXPORT_FORMATS/>), or what `journalctl` says about a journal.
pub(super) fn is_line_of_one(line: &[u8]) -> bool {
    is_of_syslog(line) || is_journal_field(line) || line.starts_with(b"-- ")
}

/// `<133>`, the facility and severity (RFC 5424, section 6.2.1).
fn is_of_syslog(line: &[u8]) -> bool {
    let head = line.get(..PRIORITY_BYTES).unwrap_or(line);
    let Some(end) = memchr::memchr(b'>', head) else {
        return false;
    };
    let number = head.get(1..end).unwrap_or_default();
    head.starts_with(b"<") && !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// `_HOSTNAME=cp-1`.
fn is_journal_field(line: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'=', line.get(..65).unwrap_or(line)) else {
        return false;
    };
    let name = line.get(..end).unwrap_or_default();
    let is_of_a_name =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    !name.is_empty() && name.iter().all(is_of_a_name)
}

#[cfg(test)]
mod tests {
    use super::{is_line_of_one, of};
    use crate::envelope::object::Object;

    #[test]
    fn records_have_the_names_of_their_collectors() {
        for (record, name) in [
            (r#"{"log":"x\n","stream":"stderr","time":"y"}"#, "Docker"),
            (r#"{"__CURSOR":"a","MESSAGE":"x"}"#, "journald"),
            (r#"{"_raw":"x"}"#, "Splunk"),
            (r#"{"resourceLogs":[]}"#, "OpenTelemetry"),
        ] {
            let object = Object::read(record.as_bytes()).unwrap();
            assert_eq!(of(&object).map(|one| one.name), Some(name), "{record}");
        }
        let object = Object::read(br#"{"a":1,"message":"x"}"#).unwrap();
        assert!(of(&object).is_none());
    }

    #[test]
    fn lines_of_syslog_and_journald_are_recognized() {
        for line in [
            "<133>Mar  2 text",
            "<0>x",
            "_HOSTNAME=cp-1",
            "MESSAGE=x",
            "-- Boot a --",
        ] {
            assert!(is_line_of_one(line.as_bytes()), "{line}");
        }
        for line in [
            "",
            "<>x",
            "<1234>x",
            "<html>",
            "text",
            "a=b",
            "=x",
            "{\"A\":\"=\"}",
        ] {
            assert!(!is_line_of_one(line.as_bytes()), "{line}");
        }
    }
}
