//! Text for people: safe to display if it comes from untrusted input, hints about mistyped names, and
//! errors with their causes.

mod error;

pub use error::{Cause, Chain, Hint, chain, chain_with_hint};

/// Returns the text on one line and at most `limit` bytes of it, without characters that could
/// steer a terminal or disguise the line (CVE-2021-42574). A cut is marked with `…`.
#[must_use]
pub fn shown(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for character in text.chars() {
        if out.len() >= limit {
            out.push('…');
            break;
        }
        match character {
            '\t' => out.push(' '),
            character if character.is_control() => out.extend(character.escape_default()),
            character if changes_direction(character) => {
                out.extend(character.escape_unicode());
            }
            character => out.push(character),
        }
    }
    out
}

/// Returns whether the text can be displayed as it is.
#[must_use]
pub fn is_fit(text: &str) -> bool {
    !text
        .chars()
        .any(|character| character.is_control() || changes_direction(character))
}

/// Returns whether a character is a mark or an override of the bidirectional algorithm (UAX
/// #9).
fn changes_direction(character: char) -> bool {
    matches!(
        character,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Returns the line and column of an offset, counted from 1.
#[must_use]
pub fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// Returns a hint that names the most similar known name or, if none is similar, all of them.
#[must_use]
pub fn nearest(unknown: &str, known: &[&str]) -> String {
    let best = known
        .iter()
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((likeness, name)) if likeness > 0.84 => format!("did you mean `{name}`?"),
        Some(_) => format!("expected one of: {}", known.join(", ")),
        None => "no names are defined here".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn escapes_control_and_bidirectional_characters() {
        assert_eq!(
            shown("a\x1b[31m\nb\u{202e}c", 100),
            "a\\u{1b}[31m\\nb\\u{202e}c"
        );
        assert_eq!(shown("äöü", 3), "äö…");
    }
}
