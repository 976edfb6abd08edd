//! Values at JSON pointers (RFC 6901).

use serde_json::Value;

/// Returns the JSON text of the value at a pointer in a document: `None` if the text is not a
/// pointer, and `Some(None)` if there is no such value or the document is not JSON.
#[must_use]
pub fn find(document: &[u8], pointer: &str) -> Option<Option<String>> {
    if !is_pointer(pointer) {
        return None;
    }
    let document = serde_json::from_slice::<Value>(document).ok();
    Some(document.and_then(|document| document.pointer(pointer).map(ToString::to_string)))
}

/// RFC 6901, section 3: empty, or each token preceded by `/`; `~` only as `~0` or `~1`.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with('0') || rest.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::{find, is_pointer};

    #[test]
    fn accepts_only_pointers_of_rfc_6901() {
        for good in ["", "/", "/a/0", "/a~1b", "/m~0n"] {
            assert!(is_pointer(good), "{good}");
        }
        for bad in ["a", "a/b", "/~", "/~2", "/a~"] {
            assert!(!is_pointer(bad), "{bad}");
        }
    }

    #[test]
    fn finds_values_as_text() {
        let document = br#"{"a": [1, {"b": "c"}]}"#;
        assert_eq!(find(document, "/a/1"), Some(Some(r#"{"b":"c"}"#.into())));
        assert_eq!(find(document, "/a/2"), Some(None));
        assert_eq!(find(b"{", "/a"), Some(None));
        assert_eq!(find(document, "a"), None);
    }
}
