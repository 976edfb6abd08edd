//! JSON that may stand in a page.

/// The same JSON with `<`, `>`, `&` and the line separators of JavaScript (U+2028, U+2029)
/// escaped: a consumer that puts it into HTML without a thought runs nothing
/// (OWASP, Cross Site Scripting Prevention Cheat Sheet). In JSON these can stand inside strings
/// only, and mean the same escaped.
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
