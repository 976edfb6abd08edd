//! The position at which a followed file resumes after a restart.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many bytes at the beginning of a file identify it: they include the first `auditID` and
/// its time.
pub(super) const HEAD: usize = 1024;

/// A stored checkpoint cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read the stored checkpoint of {name}, which is damaged or was written by another version"
)]
pub struct CheckpointError {
    /// The name of the source.
    pub name: String,
    /// The error of the parser.
    #[source]
    pub error: serde_json::Error,
}

/// The numbers by which the operating system distinguishes files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

/// Returns when a file was last written, in nanoseconds since the Unix epoch.
pub(super) fn modified(metadata: &Metadata) -> i128 {
    i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())
}

/// Returns when a file was last written or renamed, in nanoseconds since the Unix epoch.
pub(super) fn changed(metadata: &Metadata) -> i128 {
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

/// A position in a file.
///
/// The inode alone does not identify a file: a new file may get the number of a deleted one,
/// and a rotated file has another number once it is compressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    pub identity: Identity,
    /// The SHA-256 of the first `head_length` bytes, in hexadecimal.
    pub head: String,
    pub head_length: usize,
    /// The offset after the last delivered line, in bytes after decompression.
    pub offset: u64,
    /// The number of lines delivered, over all files.
    pub line: u64,
    /// When the file was last written, in nanoseconds since the Unix epoch.
    pub modified: i128,
}

impl Checkpoint {
    pub fn parse(name: &str, stored: &[u8]) -> Result<Self, CheckpointError> {
        serde_json::from_slice(stored).map_err(|error| CheckpointError {
            name: name.to_owned(),
            error,
        })
    }

    pub fn store(&self) -> Vec<u8> {
        // Numbers and a string: serializing them to memory cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Returns whether a file with these first bytes is the one of the checkpoint.
    pub fn fits(&self, head: &[u8]) -> bool {
        self.head_length > 0
            && head
                .get(..self.head_length)
                .is_some_and(|head| hash(head) == self.head)
    }
}

pub(super) fn hash(head: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(head))
}
