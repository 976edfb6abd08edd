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
            character if is_invisible(character) => {
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
        .any(|character| character.is_control() || is_invisible(character))
}

/// Returns whether a character changes how those around it are shown, or is not shown itself: marks and
/// overrides of the bidirectional algorithm (UAX #9), separators of lines and paragraphs, characters
/// without width, and tags.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
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
        for hidden in [
            '\u{2028}',
            '\u{61c}',
            '\u{200b}',
            '\u{2060}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            let text = format!("a{hidden}b");
            assert!(!super::is_fit(&text), "{hidden:?}");
            assert!(!shown(&text, 100).contains(hidden), "{hidden:?}");
        }
    }
}
