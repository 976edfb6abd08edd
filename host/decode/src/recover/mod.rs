//! Recovery of events that cannot be decoded as they are.
//!
//! Clouds and loggers cut what is longer than their limits, a client can make a request long or deep,
//! and kube-apiserver writes the body of a patch as the client sent it, with bytes that are not UTF-8.
//! None of that may hide a request. The members before a cut say who did what to which object, so such
//! an event is read as kube-apiserver itself writes an event that is too long: without the bodies that
//! are missing, and marked with `audit.k8s.io/truncated`
//! (`k8s.io/apiserver/plugin/pkg/audit/truncate`). A member is kept as it is or left out, never changed.

mod resource;

use crate::envelope::{Walk, mentions_event};
use crate::mend::pruned;
use crate::reject::{Reject, Rejected};
use crate::scan::{skip_blank, trim};
use crate::{DEPTH_CEILING, Limits};

const ANNOTATIONS: &[u8] = b"annotations";
const MARK: &[u8] = b"\"audit.k8s.io/truncated\":\"true\"";

/// Room for the mark and the object's reference, in bytes.
const RESERVED: usize = 8 * 1024;

/// Returns an event with everything that is known of a rejected one, or `None` if that does not say
/// who made a request. The result may itself be rejected, for another reason.
///
/// An event that is not UTF-8 is whole: Go replaces the bytes in question as is done here. All
/// others are marked as truncated.
#[must_use]
pub fn recover(rejected: &Rejected<'_>, limits: &Limits) -> Option<Vec<u8>> {
    let start = skip_blank(rejected.bytes, 0);
    let bytes = rejected.bytes.get(start..)?;
    if !bytes.starts_with(b"{") || !mentions_event(bytes) {
        return None;
    }
    match rejected.reason {
        Reject::NotUtf8 => Some(String::from_utf8_lossy(bytes).into_owned().into_bytes()),
        Reject::TooDeep => {
            let depth = limits.depth.min(DEPTH_CEILING);
            head(&pruned(bytes, depth), limits, Ending::Any)
        }
        Reject::TooLong | Reject::Incomplete => head(bytes, limits, Ending::Any),
        Reject::Malformed => head(bytes, limits, Ending::Cut),
        _ => None,
    }
}

/// The ending that an event must have to be recovered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Any,
    /// The closing bracket is missing. Other faults are not those of a cut.
    Cut,
}

/// Returns the members that are complete, as far as they fit into one event.
fn head(bytes: &[u8], limits: &Limits, ending: Ending) -> Option<Vec<u8>> {
    let room = limits.line_bytes.saturating_sub(RESERVED);
    let mut event = vec![b'{'];
    let mut annotations: &[u8] = b"";
    let mut uri: &[u8] = b"";
    let (mut has_user, mut has_object) = (false, false);
    let mut walk = Walk::new(bytes);
    for (key, value) in walk.by_ref() {
        if !is_complete(key, value, bytes) {
            break;
        }
        // The bodies are long; a later member may fit.
        if event.len() + annotations.len() + key.len() + value.len() > room {
            continue;
        }
        match key {
            ANNOTATIONS if value.starts_with(b"{") => {
                annotations = trim(value.get(1..value.len() - 1).unwrap_or_default());
                continue;
            }
            b"user" => has_user = value.starts_with(b"{"),
            b"objectRef" => has_object = true,
            b"requestURI" => uri = value,
            _ => {}
        }
        event.push(b'"');
        event.extend_from_slice(key);
        event.extend_from_slice(b"\":");
        event.extend_from_slice(value);
        event.push(b',');
    }
    if !has_user || (ending == Ending::Cut && walk.is_closed()) {
        return None;
    }
    if !has_object && let Some(reference) = resource::reference(uri) {
        event.extend_from_slice(b"\"objectRef\":");
        event.extend_from_slice(&reference);
        event.push(b',');
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

/// Whether a member, a part of `text`, is JSON and has its end. A word at the end of the text may have
/// gone on.
fn is_complete(key: &[u8], value: &[u8], text: &[u8]) -> bool {
    let is_ended = match value.first() {
        Some(b'"' | b'{' | b'[') => true,
        Some(_) => value.as_ptr_range().end < text.as_ptr_range().end,
        None => false,
    };
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    is_ended
        && std::str::from_utf8(value).is_ok_and(is_json)
        && std::str::from_utf8(key).is_ok_and(|key| is_json(&format!("\"{key}\"")))
}

#[cfg(test)]
mod tests {
    use super::recover;
    use crate::{Limits, Reject, Rejected};

    const LIMITS: Limits = Limits {
        line_bytes: 10_000,
        document_bytes: 10_000,
        depth: 8,
    };
    const HEAD: &str = r#"{"auditID":"a","user":{"username":"u"},"#;
    const END: &str = r#""annotations":{"audit.k8s.io/truncated":"true"}}"#;

    fn text(reason: Reject, bytes: &[u8]) -> Option<String> {
        let rejected = Rejected {
            reason,
            detail: String::new(),
            bytes,
        };
        recover(&rejected, &LIMITS).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn complete_members_are_kept() {
        for (cut, kept) in [
            (r#""b":{"c":1},"d":"#, r#""b":{"c":1},"#),
            (r#""b":{"c":"#, ""),
            (r#""b":"y""#, r#""b":"y","#),
            (r#""b":20"#, ""),
            (r#""b":20,"c"#, r#""b":20,"#),
            (r#""b":tr"#, ""),
            (r#""b"#, ""),
            ("\"b\":\"\u{e9}", ""),
            ("\"b\":\"x\\", ""),
        ] {
            let expected = Some(format!("{HEAD}{kept}{END}"));
            let cut = format!(" {HEAD}{cut}");
            assert_eq!(text(Reject::Incomplete, cut.as_bytes()), expected, "{cut}");
        }
    }

    #[test]
    fn nothing_is_known_without_a_user() {
        for cut in [
            "",
            "{",
            "{\"auditID",
            "{\"auditID\":\"a\",",
            "{\"auditID\":\"a\",\"user\":{\"username\":\"u\"",
            "text auditID",
            "[\"auditID\"]",
        ] {
            assert_eq!(text(Reject::Incomplete, cut.as_bytes()), None, "{cut}");
        }
    }

    #[test]
    fn annotations_are_kept_beside_the_mark() {
        let cut = format!(r#"{HEAD}"annotations":{{"k":"v"}},"b":"#);
        assert_eq!(
            text(Reject::Incomplete, cut.as_bytes()).unwrap(),
            format!(r#"{HEAD}"annotations":{{"k":"v","audit.k8s.io/truncated":"true"}}}}"#)
        );
    }

    #[test]
    fn object_is_read_from_the_uri_if_its_reference_is_missing() {
        let head = r#"{"auditID":"a","requestURI":"/api/v1/namespaces/shop/pods?x=y","user":{},"#;
        let found = text(
            Reject::Incomplete,
            format!("{head}\"sourceIPs\":[").as_bytes(),
        );
        let reference = r#""objectRef":{"resource":"pods","namespace":"shop","apiVersion":"v1"},"#;
        assert_eq!(found, Some(format!("{head}{reference}{END}")));
    }

    #[test]
    fn body_that_does_not_fit_is_left_out_and_the_rest_kept() {
        let long = "x".repeat(LIMITS.line_bytes);
        let event = format!(
            r#"{HEAD}"requestObject":{{}},"responseObject":"{long}","stageTimestamp":"t"}}"#
        );
        assert_eq!(
            text(Reject::TooLong, event.as_bytes()).unwrap(),
            format!(r#"{HEAD}"requestObject":{{}},"stageTimestamp":"t",{END}"#)
        );
    }

    #[test]
    fn values_that_are_too_deep_are_left_out() {
        let deep = "[".repeat(50) + &"]".repeat(50);
        let event = format!(r#"{HEAD}"requestObject":{{"spec":1,"x":{deep}}}}}"#);
        let found = text(Reject::TooDeep, event.as_bytes()).unwrap();
        assert_eq!(
            found,
            format!(r#"{HEAD}"requestObject":{{"spec":1,"x":[[[[[[null]]]]]]}},{END}"#)
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        let event = [HEAD.as_bytes(), b"\"b\":\"\xff\"}"].concat();
        assert_eq!(
            text(Reject::NotUtf8, &event).unwrap(),
            format!("{HEAD}\"b\":\"\u{fffd}\"}}")
        );
    }

    #[test]
    fn only_a_missing_end_makes_malformed_text_an_event() {
        let cut = format!(r#"{HEAD}"b":"x ... [truncated]"#);
        assert!(text(Reject::Malformed, cut.as_bytes()).is_some());
        let after = format!(r#"{HEAD}"b":1}} text"#);
        assert_eq!(text(Reject::Malformed, after.as_bytes()), None);
    }
}
