//! Lines of a file.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A line to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'t> {
    /// Identifies the line when writing is retried.
    pub number: u64,
    /// The line without the newline.
    pub text: &'t [u8],
}

/// Joins lines, each with its newline.
pub(crate) fn join(lines: &[Line<'_>]) -> Vec<u8> {
    let mut text = Vec::with_capacity(lines.iter().map(|line| line.text.len() + 1).sum());
    for line in lines {
        text.extend_from_slice(line.text);
        text.push(b'\n');
    }
    text
}

/// SHA-256 of some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of a text.
    pub fn of(text: &[u8]) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = HEXLOWER
            .decode(text.as_bytes())
            .map_err(|_| "not hexadecimal")?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| "not the length of a digest")
    }
}
