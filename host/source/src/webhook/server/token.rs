//! Bearer tokens (RFC 6750).

use std::path::Path;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::webhook::WebhookError;

/// The minimum length of a token in characters; a shorter one could be guessed.
const MIN_TOKEN_LENGTH: usize = 16;

/// The SHA-256 hashes of the tokens in a file.
pub(super) struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// Parses a file with one token per line. Blank lines and lines that begin with `#` are
    /// skipped.
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, WebhookError> {
        let mut tokens = Vec::new();
        for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
            let token = line.trim_ascii();
            if token.is_empty() || token.starts_with(b"#") {
                continue;
            }
            if let Some(message) = token_error(token) {
                return Err(WebhookError::file(
                    path,
                    format!("line {number}: {message}"),
                ));
            }
            tokens.push(Sha256::digest(token).into());
        }
        if tokens.is_empty() {
            return Err(WebhookError::file(path, "the file contains no token"));
        }
        Ok(Self(tokens))
    }

    /// Returns whether the value of an `Authorization` header is one of the tokens. The time it
    /// takes reveals nothing about the tokens: all hashes are compared, each to its end.
    pub fn allow(&self, header: Option<&[u8]>) -> bool {
        let Some((scheme, token)) = header.and_then(|value| value.split_at_checked(7)) else {
            return false;
        };
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return false;
        }
        let given: [u8; 32] = Sha256::digest(token.trim_ascii()).into();
        let matches = self.0.iter().map(|known| known.ct_eq(&given));
        matches
            .fold(Choice::from(0), |one, other| one | other)
            .into()
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
            assert!(tokens.allow(Some(header.as_bytes())), "{header}");
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
            assert!(!tokens.allow(Some(header.as_bytes())), "{header}");
        }
        assert!(!tokens.allow(None));
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
                "0123456789 abcdef",
                "cannot use tokens: line 1: a token may contain only letters, digits, and -._~+/=",
            ),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(expected));
        }
    }
}
