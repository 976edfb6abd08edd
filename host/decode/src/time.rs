//! Timestamps (RFC 3339).

use wardline_event::model::Timestamp;

/// Go's zero time, which an unset `metav1.MicroTime` is written as.
const GO_ZERO: &str = "0001-01-01T00:00:00Z";

/// Parses a time with at most nine decimals into nanoseconds since the epoch. kube-apiserver writes
/// RFC 3339; stores that events pass through write a space for `T`, ` UTC` for `Z`, or no zone,
/// which means UTC. Returns none for other text and for times before 1970 or after 2554, which the
/// type cannot hold.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    if text == GO_ZERO {
        return Some(0);
    }
    let separator = text.as_bytes().get(10)?;
    // jiff also accepts RFC 9557.
    if !matches!(separator, b'T' | b't' | b' ') || text.ends_with(']') {
        return None;
    }
    let time: jiff::Timestamp = match text.parse() {
        Ok(time) => time,
        Err(_) => {
            let local = text.strip_suffix(" UTC").unwrap_or(text);
            format!("{local}Z").parse().ok()?
        }
    };
    Timestamp::try_from(time.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn every_precision_is_read() {
        let second = 1_795_312_255_000_000_000;
        assert_eq!(parse("2026-11-22T01:50:55Z"), Some(second));
        assert_eq!(
            parse("2026-11-22T01:50:55.847780Z"),
            Some(second + 847_780_000)
        );
        assert_eq!(
            parse("2026-11-22T01:50:55.123456789Z"),
            Some(second + 123_456_789)
        );
        assert_eq!(parse("2026-11-22T03:50:55+02:00"), Some(second));
        assert_eq!(parse("0001-01-01T00:00:00Z"), Some(0));
        for text in [
            "2026-11-22T01:50:55",
            "2026-11-22 01:50:55",
            "2026-11-22 01:50:55Z",
            "2026-11-22 01:50:55 UTC",
            "2026-11-22 01:50:55.000000+00:00",
        ] {
            assert_eq!(parse(text), Some(second), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-22",
            "2026-11-22T01:50:55 CET",
            "2026-13-22T01:50:55Z",
            "2026-11-22T01:50:55.1234567891Z",
            "2026-11-22T01:50:55Z[UTC]",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
