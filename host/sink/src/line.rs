//! Lines of a file.

use sha2::{Digest, Sha256};

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

/// SHA-256 of a line. A finding in a file is recognized by its whole line, because the versions of a
/// repeated finding share an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LineDigest([u8; 32]);

impl LineDigest {
    /// Returns the digest of a line without its newline.
    pub fn of(line: &[u8]) -> Self {
        Self(Sha256::digest(line).into())
    }
}
