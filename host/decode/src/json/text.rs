//! Strings with escapes (RFC 8259, section 7).

use std::borrow::Cow;

use memchr::memchr;

/// Resolves the escapes of a text between two quotes.
pub(super) fn unescaped(inner: &str) -> Cow<'_, str> {
    // This cannot fail: `are_escapes_valid` checked the text when it was read.
    match serde_json::from_str::<String>(&format!("\"{inner}\"")) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(inner),
    }
}

/// Whether all escapes are valid and every surrogate is part of a pair.
pub(super) fn are_escapes_valid(inner: &[u8]) -> bool {
    let mut rest = inner;
    while let Some(at) = memchr(b'\\', rest) {
        let escape = rest.get(at + 1..).unwrap_or_default();
        let Some(length) = escape_length(escape) else {
            return false;
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    true
}

/// Returns the length of an escape without its backslash.
fn escape_length(escape: &[u8]) -> Option<usize> {
    match escape.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(1),
        b'u' => match unit(escape)? {
            0xd800..=0xdbff => {
                let low = escape.get(5..)?.strip_prefix(b"\\")?;
                matches!(unit(low)?, 0xdc00..=0xdfff).then_some(11)
            }
            0xdc00..=0xdfff => None,
            _ => Some(5),
        },
        _ => None,
    }
}

/// Whether an escape, with its backslash, is a pair of surrogates (true) or half of one (false); none for
/// other escapes.
pub(crate) fn surrogate(escape: &[u8]) -> Option<bool> {
    let inner = escape.strip_prefix(b"\\")?;
    match unit(inner)? {
        0xd800..=0xdfff => Some(escape_length(inner).is_some()),
        _ => None,
    }
}

/// The number in `uXXXX`.
fn unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |number, digit| {
        Some(number * 16 + char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{are_escapes_valid, unescaped};

    proptest! {
        #[test]
        fn escapes_agree_with_serde_json(inner in "([a-dé]|\\\\[\"/bfnrtxU]|\\\\\\\\|\\\\u[0-9a-fA-F]{3,4}|\\\\ud[89cdCD][0-9a-f]{2}){0,8}") {
            let quoted = format!("\"{inner}\"");
            // The index finds the end of a string, so the text must not contain one.
            prop_assume!(!quoted.ends_with("\\\"") || inner.is_empty());
            let expected = serde_json::from_str::<String>(&quoted).ok();
            prop_assert_eq!(are_escapes_valid(inner.as_bytes()), expected.is_some());
            if let Some(expected) = expected {
                prop_assert_eq!(unescaped(&inner), expected);
            }
        }
    }
}
