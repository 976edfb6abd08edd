//! The time of a line, without decoding it.

use wardline_event::model::Timestamp;

use crate::time;

/// The field with the time of an event. kube-apiserver writes it after the objects, in which a client
/// could place a field of the same name.
const FIELD: &[u8] = b"stageTimestamp";

/// The longest text between the field's name and its value: quotes and a colon, which are escaped
/// once more by each collector that a line passed through.
const GAP: usize = 64;

/// Returns the time of the last event in a line, also within the record of a collector, or `None` if
/// it has none. It is meant for sorting lines: it is not checked that the line holds an event.
#[must_use]
pub fn line_time(line: &[u8]) -> Option<Timestamp> {
    let start = memchr::memmem::rfind(line, FIELD)? + FIELD.len();
    let rest = line.get(start..)?;
    let gap = rest
        .iter()
        .take(GAP)
        .position(|byte| !matches!(byte, b'"' | b'\\' | b':' | b' '))?;
    let value = rest.get(gap..)?;
    let end = value
        .iter()
        .take(GAP)
        .position(|byte| matches!(byte, b'"' | b'\\'))?;
    time::parse(std::str::from_utf8(value.get(..end)?).ok()?).filter(|time| *time > 0)
}

#[cfg(test)]
mod tests {
    use super::line_time;

    #[test]
    fn time_is_found_in_events_and_records() {
        let event = r#"{"kind":"Event","requestObject":{"stageTimestamp":"2001-01-01T00:00:00Z"},"stageTimestamp":"2026-11-22T01:50:55.847780Z","annotations":{}}"#;
        let expected = Some(1_795_312_255_847_780_000);
        assert_eq!(line_time(event.as_bytes()), expected);
        let once = serde_json::json!({ "log": event }).to_string();
        assert_eq!(line_time(once.as_bytes()), expected);
        let twice = serde_json::json!({ "message": once }).to_string();
        assert_eq!(line_time(twice.as_bytes()), expected);
    }

    #[test]
    fn other_lines_have_no_time() {
        for line in [
            "",
            "stageTimestamp",
            "{\"stageTimestamp\":null}",
            "{\"stageTimestamp\":\"now\"}",
            "{\"stageTimestamp\":\"2026",
            "{\"stageTimestamp\":\"0001-01-01T00:00:00Z\"}",
        ] {
            assert_eq!(line_time(line.as_bytes()), None, "{line}");
        }
    }
}
