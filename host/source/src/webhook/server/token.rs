//! Bearer tokens (RFC 6750).

use std::path::Path;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use wardline_text::shown;

use super::sender::is_name;
use crate::webhook::WebhookError;

/// The minimum length of a token in characters; a shorter one could be guessed.
const MIN_TOKEN_LENGTH: usize = 16;

/// Maximum length of a text in an error, in bytes.
const MAX_SHOWN: usize = 100;

/// A token and what it is good for.
struct Token {
    /// Its SHA-256.
    hash: [u8; 32],
    /// The names of clusters that it may post for; if there are none, any.
    clusters: Vec<String>,
}

/// The tokens of a file.
pub(super) struct Tokens(Vec<Token>);

impl Tokens {
    /// Parses a file with one token per line, which the names of the clusters that it may post for may
    /// follow. Blank lines and lines that begin with `#` are skipped.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, WebhookError> {
        let mut tokens = Vec::new();
        for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let mut words = line
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            let token = words.next().unwrap_or_default();
            let clusters: Vec<String> = words
                .map(|word| String::from_utf8_lossy(word).into_owned())
                .collect();
            if let Some(message) = token_error(token) {
                return Err(WebhookError::file(
                    path,
                    format!("line {number}: {message}"),
                ));
            }
            if let Some(name) = clusters
                .iter()
                .find(|name| !is_name(name) || name.is_empty())
            {
                return Err(WebhookError::file(
                    path,
                    format!(
                        "line {number}: `{}` is not the name of a cluster (letters, digits, `-`, `_`, and `.`)",
                        shown(name, MAX_SHOWN)
                    ),
                ));
            }
            tokens.push(Token {
                hash: Sha256::digest(token).into(),
                clusters,
            });
        }
        if tokens.is_empty() {
            return Err(WebhookError::file(path, "the file contains no token"));
        }
        Ok(Self(tokens))
    }

    /// Returns the number of the token that is the value of an `Authorization` header. The time it
    /// takes reveals nothing about the tokens: all hashes are compared, each to its end.
    pub fn find(&self, header: Option<&[u8]>) -> Option<usize> {
        let (scheme, token) = header.and_then(|value| value.split_at_checked(7))?;
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return None;
        }
        let given: [u8; 32] = Sha256::digest(token.trim_ascii()).into();
        let mut found = None;
        for (number, known) in self.0.iter().enumerate() {
            if known.hash.ct_eq(&given).into() {
                found = Some(number);
            }
        }
        found
    }

    /// Returns whether a token may post for a cluster; the name is empty if the path has none.
    pub fn may_post_for(&self, number: usize, cluster: &str) -> bool {
        self.0.get(number).is_some_and(|token| {
            token.clusters.is_empty() || token.clusters.iter().any(|own| own == cluster)
        })
    }

    /// Returns whether a token is bound to clusters.
    pub fn is_bound(&self, number: usize) -> bool {
        self.0
            .get(number)
            .is_some_and(|token| !token.clusters.is_empty())
    }

    /// Returns the number of tokens.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Returns why a token is invalid, if it is (RFC 6750, section 2.1: `b64token`).
fn token_error(token: &[u8]) -> Option<String> {
    if token.len() < MIN_TOKEN_LENGTH {
        return Some(format!(
            "the token is shorter than {MIN_TOKEN_LENGTH} characters"
        ));
    }
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    (!token.iter().all(is_allowed))
        .then(|| "a token may contain only letters, digits, and -._~+/=".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use wardline_text::chain;

    use super::Tokens;

    fn parse(text: &str) -> Result<Tokens, String> {
        Tokens::parse(Path::new("tokens"), text.as_bytes())
            .map_err(|error| chain(&error).to_string())
    }

    #[test]
    fn each_line_is_a_token() {
        let tokens = parse("# old\n0123456789abcdef\r\n\n fedcba9876543210==\n").unwrap();
        for header in [
            "Bearer 0123456789abcdef",
            "bearer fedcba9876543210==",
            "BEARER  0123456789abcdef",
        ] {
            assert!(tokens.find(Some(header.as_bytes())).is_some(), "{header}");
        }
        for header in [
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            "Bearer # old",
            "Bearer ",
            "Basic 0123456789abcdef",
            "0123456789abcdef",
            "",
        ] {
            assert_eq!(tokens.find(Some(header.as_bytes())), None, "{header}");
        }
        assert_eq!(tokens.find(None), None);
    }

    #[test]
    fn token_is_bound_to_the_clusters_behind_it() {
        let tokens = parse("0123456789abcdef east west\nfedcba9876543210\n").unwrap();
        let find = |token: &str| {
            let header = format!("Bearer {token}");
            tokens.find(Some(header.as_bytes())).unwrap()
        };
        let (bound, free) = (find("0123456789abcdef"), find("fedcba9876543210"));
        assert!(tokens.is_bound(bound) && !tokens.is_bound(free));
        for (cluster, is_own) in [
            ("east", true),
            ("west", true),
            ("north", false),
            ("", false),
        ] {
            assert_eq!(tokens.may_post_for(bound, cluster), is_own, "{cluster}");
            assert!(tokens.may_post_for(free, cluster), "{cluster}");
        }
        assert_eq!(tokens.find(Some(b"Bearer 0123456789abcdef east")), None);
    }

    #[test]
    fn rejects_a_file_without_a_valid_token() {
        for (text, expected) in [
            ("", "cannot use tokens: the file contains no token"),
            (
                "\nshort\n",
                "cannot use tokens: line 2: the token is shorter than 16 characters",
            ),
            (
                "0123456789abcde!",
                "cannot use tokens: line 1: a token may contain only letters, digits, and -._~+/=",
            ),
            (
                "0123456789abcdef a/b",
                "cannot use tokens: line 1: `a/b` is not the name of a cluster (letters, digits, `-`, `_`, and `.`)",
            ),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(expected));
        }
    }
}
