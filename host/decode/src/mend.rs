//! Text that one JSON reader accepts and another refuses, in a form that both accept.
//!
//! kube-apiserver writes the body of a patch as the client sent it. Go reads half of a surrogate pair as
//! U+FFFD (`encoding/json`), and a client could keep its patch from being read with one, or with a value
//! that is nested too deep.

use crate::json::{is_number, surrogate};
use crate::scan::{string_end, word_end};

/// Replaces each half of a surrogate pair by U+FFFD, and numbers outside the range of a double by
/// `null`. Other text is unchanged.
pub(crate) fn mended(text: &str) -> String {
    let bytes = rewritten(text.as_bytes(), usize::MAX, true);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Replaces objects and lists that are nested deeper than `depth` by `null`.
pub(crate) fn pruned(text: &[u8], depth: usize) -> Vec<u8> {
    rewritten(text, depth, false)
}

fn rewritten(text: &[u8], depth: usize, mends: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut open = 0_usize;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let end = match byte {
            b'"' => string_end(text, at).unwrap_or(text.len()),
            b'-' | b'0'..=b'9' => word_end(text, at),
            b'{' | b'[' if open >= depth => closing(text, at),
            _ => at + 1,
        };
        let part = text.get(at..end).unwrap_or_default();
        match byte {
            b'"' if mends => without_halves(part, &mut out),
            b'-' | b'0'..=b'9' if mends && is_out_of_range(part) => out.extend_from_slice(b"null"),
            b'{' | b'[' if open >= depth => out.extend_from_slice(b"null"),
            _ => out.extend_from_slice(part),
        }
        match byte {
            b'{' | b'[' if open < depth => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at = end;
    }
    out
}

/// Returns the position after the container that opens at `at`.
fn closing(text: &[u8], mut at: usize) -> usize {
    let mut open = 0_usize;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at).unwrap_or(text.len());
                continue;
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if open == 0 {
            break;
        }
    }
    at
}

fn without_halves(string: &[u8], out: &mut Vec<u8>) {
    let mut rest = string;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        let length = match surrogate(escape) {
            Some(true) => 12,
            Some(false) => {
                out.extend_from_slice(b"\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            None => 2,
        };
        let length = length.min(escape.len());
        out.extend_from_slice(escape.get(..length).unwrap_or_default());
        rest = escape.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn is_out_of_range(word: &[u8]) -> bool {
    std::str::from_utf8(word).is_ok_and(|word| {
        !is_number(word) && serde_json::from_str::<serde::de::IgnoredAny>(word).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{mended, pruned};
    use crate::scan::deeper_than;

    #[test]
    fn halves_of_pairs_and_large_numbers_are_replaced() {
        for (text, expected) in [
            (r#"{"a":"x\ud800y"}"#, r#"{"a":"x\ufffdy"}"#),
            (r#""\udc00\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            (r#""\ud800\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            (
                r#""\\ud800 \" \ud83d\ude00""#,
                r#""\\ud800 \" \ud83d\ude00""#,
            ),
            (
                r#"[1e999,-1e999,1e9,"1e999"]"#,
                r#"[null,null,1e9,"1e999"]"#,
            ),
        ] {
            assert_eq!(mended(text), expected);
            assert!(serde_json::from_str::<Value>(expected).is_ok());
        }
    }

    #[test]
    fn deep_containers_are_pruned() {
        assert_eq!(
            pruned(br#"{"a":[[1],2],"b":{}}"#, 2),
            br#"{"a":[null,2],"b":{}}"#
        );
        assert_eq!(pruned(br#"[["]]"],[[["#, 1), b"[null,null");
    }

    proptest! {
        #[test]
        fn valid_json_is_unchanged(text in "([a-zé]|\\\\[\"/bn]|\\\\u00[0-9]{2}|\\\\ud83d\\\\ude0[0-9]){0,8}", number in any::<f64>()) {
            let text = format!(r#"{{"{text}":["{text}",{number:e},[{{}}]]}}"#);
            prop_assert_eq!(&mended(&text), &text);
            prop_assert_eq!(pruned(text.as_bytes(), 4), text.as_bytes());
            let shallow = pruned(text.as_bytes(), 2);
            prop_assert_eq!(deeper_than(&shallow, 2), None);
            prop_assert!(serde_json::from_slice::<Value>(&shallow).is_ok());
        }
    }
}
