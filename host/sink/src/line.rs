//! Lines of a file, as numbers.

use sha2::{Digest, Sha256};

/// SHA-256 of a line: whether a finding is in a file already is asked of its whole text,
/// because updates of a finding have its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LineDigest([u8; 32]);

impl LineDigest {
    /// Of a line without its newline.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        Self(Sha256::digest(line).into())
    }
}
