//! JSON that is safe inside HTML.

/// Escapes `<`, `>`, `&`, and JavaScript's line separators (U+2028, U+2029), so that JSON inserted
/// into HTML without escaping runs no script (OWASP, Cross Site Scripting Prevention Cheat Sheet).
/// In JSON these characters occur only inside strings, where the escape has the same meaning.
pub(super) fn html_safe(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => safe.push(other),
        }
    }
    safe
}
