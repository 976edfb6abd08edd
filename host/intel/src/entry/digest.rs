//! SHA-256 digests.

use std::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

/// A SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Parses 64 hexadecimal digits of either case, or returns `None` for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 2 * digest.len() {
            return None;
        }
        HEXLOWER_PERMISSIVE
            .decode_mut(text.as_bytes(), &mut digest)
            .ok()?;
        Some(Self(digest))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::Sha256;

    #[test]
    fn digest_is_case_insensitive() {
        let text = "0123456789abcdef".repeat(4);
        let digest = Sha256::parse(&text).unwrap();
        assert_eq!(Sha256::parse(&text.to_uppercase()), Some(digest));
        assert_eq!(digest.to_string(), text);
        for bad in ["", &text[1..], &format!("{text}0"), &"g".repeat(64)] {
            assert_eq!(Sha256::parse(bad), None, "{bad}");
        }
    }
}
