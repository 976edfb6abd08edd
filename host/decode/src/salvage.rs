//! What is known of an event whose end is missing.
//!
//! Clouds and loggers cut what is longer than their limits, an attacker can make a request long, and
//! the text before the cut says who did what to which object. So such an event is read as
//! kube-apiserver itself writes an event that is too long: without its objects, and marked with
//! `audit.k8s.io/truncated` (`k8s.io/apiserver/plugin/pkg/audit/truncate`).

use crate::envelope::Walk;
use crate::scan::{skip_blank, trim};

const ANNOTATIONS: &[u8] = b"annotations";
const MARK: &[u8] = b"\"audit.k8s.io/truncated\":\"true\"";

/// How much of the text is examined, in bytes: what comes before the objects is shorter.
const HEAD_BYTES: usize = 64 * 1024;

/// Returns an event with the members of `bytes` that are complete, marked as truncated, or `None` if
/// there are none. It may lack required fields. A member at the very end is left out unless its end
/// is unmistakable: of `20` nobody knows whether it was `200`.
#[must_use]
pub fn salvage(bytes: &[u8]) -> Option<Vec<u8>> {
    let start = skip_blank(bytes, 0);
    let bytes = bytes.get(start..)?;
    // A truncated text may be valid UTF-8 up to its last character only.
    let bytes = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    if !bytes.starts_with(b"{") {
        return None;
    }
    let mut event = vec![b'{'];
    let mut annotations: &[u8] = b"";
    for (key, value) in Walk::new(bytes) {
        if !is_complete(value, bytes) {
            break;
        }
        if key == ANNOTATIONS && value.starts_with(b"{") {
            annotations = trim(value.get(1..value.len() - 1).unwrap_or_default());
            continue;
        }
        event.push(b'"');
        event.extend_from_slice(key);
        event.extend_from_slice(b"\":");
        event.extend_from_slice(value);
        event.push(b',');
    }
    if event.len() == 1 {
        return None;
    }
    event.extend_from_slice(b"\"annotations\":{");
    if !annotations.is_empty() {
        event.extend_from_slice(annotations);
        event.push(b',');
    }
    event.extend_from_slice(MARK);
    event.extend_from_slice(b"}}");
    Some(event)
}

/// Whether a member's value, a part of `text`, has its end.
fn is_complete(value: &[u8], text: &[u8]) -> bool {
    let is_closed = match value.first() {
        Some(b'"' | b'{' | b'[') => {
            // Cheap for all but the last member, which is at most as long as the text.
            serde_json::from_slice::<serde::de::IgnoredAny>(value).is_ok()
        }
        Some(_) => {
            let end = value.as_ptr_range().end;
            end < text.as_ptr_range().end
        }
        None => false,
    };
    is_closed
}

#[cfg(test)]
mod tests {
    use super::salvage;

    fn text(bytes: &[u8]) -> Option<String> {
        salvage(bytes).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn complete_members_are_kept() {
        let mark = r#""annotations":{"audit.k8s.io/truncated":"true"}}"#;
        for (cut, kept) in [
            (r#"{"a":"x","b":{"c":1},"d":"#, r#"{"a":"x","b":{"c":1},"#),
            (r#"{"a":"x","b":{"c":"#, r#"{"a":"x","#),
            (r#"{"a":"x","b":"y""#, r#"{"a":"x","b":"y","#),
            (r#"{"a":"x","b":20"#, r#"{"a":"x","#),
            (r#"{"a":"x","b":tr"#, r#"{"a":"x","#),
            (r#" {"a":"x","b"#, r#"{"a":"x","#),
        ] {
            assert_eq!(text(cut.as_bytes()), Some(format!("{kept}{mark}")), "{cut}");
        }
        for cut in ["", "{", "{\"a", "{\"a\":1", "text", "[1]"] {
            assert_eq!(text(cut.as_bytes()), None, "{cut}");
        }
    }

    #[test]
    fn annotations_are_kept_beside_the_mark() {
        let event = text(br#"{"a":"x","annotations":{"k":"v"},"b":"#).unwrap();
        assert_eq!(
            event,
            r#"{"a":"x","annotations":{"k":"v","audit.k8s.io/truncated":"true"}}"#
        );
    }
}
