//! SHA-256 digests.

use std::fmt;

/// A SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Parses 64 hexadecimal digits of either case, or returns `None` for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return None;
        }
        let mut digest = [0; 32];
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            *byte = (digit(*high)? << 4) | digit(*low)?;
        }
        Some(Self(digest))
    }
}

fn digit(character: u8) -> Option<u8> {
    char::from(character)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
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
