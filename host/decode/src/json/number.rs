//! Numbers (RFC 8259, section 6).

/// Whether `serde_json` accepts the text as a number. It refuses numbers outside the range of
/// a double.
pub(crate) fn is_number(text: &str) -> bool {
    if is_short_integer(text) {
        return true;
    }
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// Whether the text is an integer of at most 18 digits, which fits into 64 bits.
fn is_short_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    match digits {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Returns the value of an integer. `-0` counts as a double.
pub(super) fn integer(text: &str) -> Option<i64> {
    if text == "-0" {
        return None;
    }
    text.parse().ok()
}

/// Returns the number as `serde_json` writes it.
pub(super) fn written(text: &str) -> Option<String> {
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    Some(number.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::{integer, is_number, written};

    proptest! {
        #[test]
        fn numbers_agree_with_serde_json(text in "-?[0-9]{0,22}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,4})?|[-+0-9.eE ]{0,6}") {
            prop_assume!(text.trim() == text);
            let value = serde_json::from_str::<Value>(&text).ok();
            prop_assert_eq!(is_number(&text), value.is_some());
            if let Some(value) = value {
                prop_assert_eq!(integer(&text), value.as_i64());
                prop_assert_eq!(written(&text), Some(value.to_string()));
            }
        }
    }
}
