//! Distinguishes a line that contains several events from a single event, by its head.

use wardline_decode::envelope::KEYS;

/// The beginning of gzip data in base64.
const GZIP_IN_BASE64: &[u8] = b"H4sI";

/// Returns whether a line with this head contains several events: an array, base64 of gzip, or
/// an object with `"kind": "EventList"` or one of [`KEYS`] at its top level.
///
/// Such a line may be as long as a document, since the limit on its events applies later. Only
/// keys count: an attacker can choose many values of an event, but none of its keys.
pub(super) fn is_list_head(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    match head.first() {
        Some(b'[') => true,
        Some(b'{') => object_is_list(head),
        _ => head.starts_with(GZIP_IN_BASE64),
    }
}

/// Returns whether compressed data begins within a head.
pub(super) fn is_packed_head(head: &[u8]) -> bool {
    !head.starts_with(b"{\"kind\":\"Event\"")
        && memchr::memmem::find(head, GZIP_IN_BASE64).is_some()
}

/// Returns where the last document of a line begins, if it directly follows another.
///
/// That is unambiguous in JSON: `}{"` can occur inside a string or end one, but no key follows
/// then.
pub(super) fn last_document(line: &[u8]) -> Option<usize> {
    let mut line = line;
    loop {
        let brackets = memchr::memmem::rfind(line, b"}{\"")?;
        let is_key = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'_');
        if line.get(brackets + 3).is_some_and(is_key) {
            return Some(brackets + 1);
        }
        line = line.get(..brackets + 1)?;
    }
}

fn object_is_list(head: &[u8]) -> bool {
    let (mut depth, mut at) = (0_u32, 0_usize);
    let mut key: &[u8] = b"";
    while let Some(&byte) = head.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let Some((text, end)) = string(head, at) else {
                    return false;
                };
                at = end;
                if depth != 1 {
                    continue;
                }
                if next_is_colon(head, at) {
                    if KEYS.contains(&text) {
                        return true;
                    }
                    key = text;
                } else if key == b"kind" && text == b"EventList" {
                    return true;
                }
            }
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// Returns the string that begins at `start`, after its quote, and the position after it.
fn string(head: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let mut at = start;
    loop {
        match head.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some((head.get(start..at)?, at + 1)),
            _ => at += 1,
        }
    }
}

fn next_is_colon(head: &[u8], at: usize) -> bool {
    head.get(at..)
        .and_then(|rest| rest.trim_ascii_start().first())
        == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::{is_list_head, is_packed_head, last_document};

    #[test]
    fn recognizes_lists_by_their_keys() {
        for head in [
            &br#"[{"kind":"Event"#[..],
            br#" {"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"it"#,
            br#"{"apiVersion":"audit.k8s.io/v1","kind" : "EventList""#,
            br#"{"apiVersion":"audit.k8s.io/v1","metadata":{"items":1},"items":[{"#,
        ] {
            assert!(is_list_head(head), "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn recognizes_envelopes_by_their_keys() {
        for head in [
            &br#"{"messageType":"DATA_MESSAGE","#[..],
            br#"{"time":"x","level":"Informational","properties":{"#,
            br#"{"insertId":"x","labels":{},"protoPayload":{"#,
            br#"{"Records":[{"#,
            b"H4sIAAAA",
        ] {
            assert!(is_list_head(head), "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn searches_for_compressed_data_outside_events_only() {
        assert!(is_packed_head(br#"{"awslogs":{"data":"H4sIAAA"#));
        assert!(!is_packed_head(br#"{"kind":"Event","userAgent":"H4sI""#));
    }

    #[test]
    fn finds_the_last_of_adjacent_documents() {
        for (line, place) in [
            (&br#"{"a":1}{"b":2}"#[..], Some(7)),
            (br#"{"a":1}{"b":2}{"c"#, Some(14)),
            (br#"{"a":"}{","b":"}{"}"#, None),
            (br#"{"a":"}{"}{"b":"}{"}"#, Some(10)),
            (br#"{"a":"}{\"b\":1}"}"#, None),
            (br#"{"a":{}}"#, None),
            (b"", None),
        ] {
            assert_eq!(
                last_document(line),
                place,
                "{}",
                String::from_utf8_lossy(line)
            );
        }
    }

    #[test]
    fn values_from_a_caller_do_not_make_a_list() {
        for head in [
            &br#"{"kind":"Event","userAgent":"items","requestURI":"EventList""#[..],
            br#"{"kind":"Event","responseObject":{"kind":"EventList","items":[{"#,
            br#"{"kind":"Event","userAgent":"a\",\"items\":[","level":"M"#,
            br#"{"kind":"Event"}{"items":1}"#,
            br#"{"ite"#,
            b"items",
            b"",
        ] {
            assert!(!is_list_head(head), "{}", String::from_utf8_lossy(head));
        }
    }
}
