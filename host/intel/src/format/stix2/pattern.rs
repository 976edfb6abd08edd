//! STIX 2.1 patterns (section 9) that a list can express: alternatives of single values.

use crate::entry::Content;

/// A value in a pattern; the content is `None` for a property that lists do not contain, such
/// as an email address.
pub(super) type Asked = (Option<Content>, String);

/// One token of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `[`, `]`, `(`, `)`, `,`, `=`, or another operator.
    Sign(String),
    /// An object path or a keyword.
    Word(String),
    /// A quoted string.
    Text(String),
}

/// Returns the values that each fulfill a pattern alone, or `None` if the pattern needs more
/// than that: several at once, an order, times, or a part of a string.
///
/// # Errors
/// Returns the reason if the text is not a pattern.
pub(super) fn entries(pattern: &str) -> Result<Option<Vec<Asked>>, &'static str> {
    let mut tokens = tokens(pattern)?.into_iter().peekable();
    let mut asked = Vec::new();
    let mut depth = 0_i32;
    // Parentheses and brackets only group here, since everything is combined by OR.
    loop {
        while let Some(Token::Sign(sign)) = tokens.peek()
            && (sign == "[" || sign == "(")
        {
            depth += 1;
            tokens.next();
        }
        let path = match tokens.next() {
            Some(Token::Word(word)) if word == "NOT" || word == "EXISTS" => return Ok(None),
            Some(Token::Word(path)) => path,
            _ => return Err("expected a property"),
        };
        let operator = match tokens.next() {
            Some(Token::Sign(operator) | Token::Word(operator)) => operator,
            _ => return Err("expected an operator after the property"),
        };
        let values = match operator.as_str() {
            "=" | "ISSUBSET" | "LIKE" => match tokens.next() {
                Some(Token::Text(text)) => vec![text],
                // A number, a time, or a Boolean: lists contain none of these.
                Some(Token::Word(_)) => return Ok(None),
                _ => return Err("expected a value after the operator"),
            },
            "IN" => set(&mut tokens)?,
            "!=" | "<" | ">" | "<=" | ">=" | "NOT" | "MATCHES" | "ISSUPERSET" => return Ok(None),
            _ => return Err("unknown operator"),
        };
        for value in values {
            let Some(one) = asked_by(&path, &operator, value) else {
                return Ok(None);
            };
            asked.push(one);
        }
        while let Some(Token::Sign(sign)) = tokens.peek()
            && (sign == "]" || sign == ")")
        {
            depth -= 1;
            tokens.next();
        }
        match tokens.next() {
            Some(Token::Word(word)) if word == "OR" => {}
            Some(Token::Word(word)) if is_more(&word) => return Ok(None),
            Some(_) => return Err("expected OR between comparisons"),
            None if depth == 0 => return Ok(Some(asked)),
            None => return Err("unbalanced brackets"),
        }
    }
}

/// Returns whether a keyword makes a pattern need more than one value.
fn is_more(word: &str) -> bool {
    ["AND", "FOLLOWEDBY", "WITHIN", "REPEATS", "START"].contains(&word)
}

/// Parses the values after `IN`.
fn set(tokens: &mut impl Iterator<Item = Token>) -> Result<Vec<String>, &'static str> {
    let is_sign = |token: Option<Token>, wanted: &str| match token {
        Some(Token::Sign(sign)) => sign == wanted,
        _ => false,
    };
    if !is_sign(tokens.next(), "(") {
        return Err("expected a set after IN");
    }
    let mut values = Vec::new();
    loop {
        match tokens.next() {
            Some(Token::Text(text)) => values.push(text),
            _ => return Err("expected a string in the set"),
        }
        match tokens.next() {
            Some(Token::Sign(sign)) if sign == "," => {}
            Some(Token::Sign(sign)) if sign == ")" => return Ok(values),
            _ => return Err("expected the end of the set"),
        }
    }
}

/// Returns the value of one comparison, or `None` if it matches a part of a string.
fn asked_by(path: &str, operator: &str, value: String) -> Option<Asked> {
    let content = content_of(path);
    if operator != "LIKE" {
        return Some((content, value));
    }
    // Lists write `%.example.org` as `*.example.org`.
    let below = value.strip_prefix("%.")?;
    let is_plain = content == Some(Content::Domains) && !below.contains(['%', '_']);
    is_plain.then(|| (content, format!("*.{below}")))
}

fn content_of(path: &str) -> Option<Content> {
    let path: String = path
        .chars()
        .filter(|character| !matches!(character, '\'' | '"' | '-'))
        .collect::<String>()
        .to_ascii_lowercase();
    match path.as_str() {
        "ipv4addr:value" | "ipv6addr:value" => Some(Content::Addresses),
        "domainname:value" => Some(Content::Domains),
        // With the quotes that STIX 2.1 requires around `SHA-256`, and as older tools write it.
        "file:hashes.sha256" | "artifact:hashes.sha256" => Some(Content::Hashes),
        _ => None,
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars().peekable();
    while let Some(&first) = characters.peek() {
        match first {
            _ if first.is_whitespace() => {
                characters.next();
            }
            '\'' => tokens.push(Token::Text(text(&mut characters)?)),
            '[' | ']' | '(' | ')' | ',' => {
                characters.next();
                tokens.push(Token::Sign(first.into()));
            }
            '=' | '!' | '<' | '>' => {
                let mut sign = String::new();
                while let Some(next) = characters.next_if(|next| "=!<>".contains(*next)) {
                    sign.push(next);
                }
                tokens.push(Token::Sign(sign));
            }
            _ => {
                let mut word = String::new();
                while let Some(&next) = characters.peek() {
                    if next == '\'' {
                        // A quoted part of a path: `hashes.'SHA-256'`.
                        word.push_str(&text(&mut characters)?);
                    } else if next.is_whitespace() || "[](),=!<>".contains(next) {
                        break;
                    } else {
                        word.push(next);
                        characters.next();
                    }
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// Parses a quoted string, in which `\` escapes the next character.
fn text(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, &'static str> {
    characters.next();
    let mut text = String::new();
    loop {
        match characters.next() {
            Some('\'') => return Ok(text),
            Some('\\') => text.extend(characters.next()),
            Some(character) => text.push(character),
            None => return Err("unterminated string"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Content, entries};

    fn values(pattern: &str) -> Vec<String> {
        let found = entries(pattern).unwrap().unwrap();
        found.into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn splits_alternatives() {
        assert_eq!(values("[ipv4-addr:value = '192.0.2.1']"), ["192.0.2.1"]);
        assert_eq!(
            values(
                "[ipv4-addr:value ISSUBSET '198.51.100.0/24'] OR [ipv6-addr:value='2001:db8::1']"
            ),
            ["198.51.100.0/24", "2001:db8::1"]
        );
        assert_eq!(
            values(
                "([domain-name:value = 'a.example' OR (domain-name:value IN ('b.example','c.example'))])"
            ),
            ["a.example", "b.example", "c.example"]
        );
        assert_eq!(
            values("[domain-name:value LIKE '%.example.org']"),
            ["*.example.org"]
        );
        assert_eq!(values(r"[user-account:user_id = 'o\'neil']"), ["o'neil"]);
        for path in [
            "file:hashes.'SHA-256'",
            "file:hashes.SHA256",
            "file:hashes.\"SHA-256\"",
        ] {
            let found = entries(&format!("[{path} = 'ab']")).unwrap().unwrap();
            assert_eq!(found[0].0, Some(Content::Hashes), "{path}");
        }
        let mail = entries("[email-addr:value = 'a@b.example']")
            .unwrap()
            .unwrap();
        assert_eq!(mail[0].0, None);
    }

    #[test]
    fn distinguishes_complex_patterns_from_invalid_ones() {
        for more in [
            "[ipv4-addr:value = '192.0.2.1' AND domain-name:value = 'a.example']",
            "[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']",
            "[ipv4-addr:value = '192.0.2.1'] WITHIN 5 SECONDS",
            "[ipv4-addr:value != '192.0.2.1']",
            "[NOT ipv4-addr:value = '192.0.2.1']",
            "[ipv4-addr:value NOT = '192.0.2.1']",
            "[domain-name:value MATCHES '^a']",
            "[domain-name:value LIKE 'a%']",
            "[domain-name:value LIKE '%.a_c.example']",
            "[file:size = 12]",
        ] {
            assert_eq!(entries(more), Ok(None), "{more}");
        }
        for bad in [
            "",
            "[",
            "[]",
            "[ipv4-addr:value]",
            "[ipv4-addr:value = '192.0.2.1'",
            "ipv4-addr:value = '192.0.2.1']",
            "[ipv4-addr:value = '192.0.2.1]",
            "[ipv4-addr:value IN '192.0.2.1']",
            "[ipv4-addr:value == '192.0.2.1']",
            "[ipv4-addr:value = '192.0.2.1' '192.0.2.2']",
            "[a:b IN ('c' 'd')]",
        ] {
            assert!(entries(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parses_any_text_without_panic(text in ".{0,40}|[\\[\\](),=' a-cA-Z:\\\\]{0,40}") {
            let _ = entries(&text);
        }
    }
}
