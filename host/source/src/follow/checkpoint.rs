//! Where a followed file goes on after a restart.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes at the beginning of a file that tell it from others: the first `auditID` and
/// its time are among them.
pub(super) const HEAD: usize = 1024;

/// A stored checkpoint cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "the stored place in {name} cannot be read: {error} (it was written by another version, or is damaged)"
)]
pub struct CheckpointError {
    /// The source.
    pub name: String,
    /// What is wrong with it.
    pub error: serde_json::Error,
}

/// What the operating system tells files apart by.
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

/// When a file was last written, in nanoseconds since the Unix epoch.
pub(super) fn modified(metadata: &Metadata) -> i128 {
    i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec())
}

/// A place in a file.
///
/// The inode alone does not tell which file it was, since a new file may get the
/// number of a deleted one, and a rotated file that was packed has another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Checkpoint {
    pub identity: Identity,
    /// The hash of the first `head_length` bytes.
    pub head: String,
    pub head_length: usize,
    /// Bytes, unpacked, up to the end of the last line that was given.
    pub offset: u64,
    /// Lines that were given, over all files.
    pub line: u64,
    /// When the file was last written.
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
        // Numbers and a text: writing them to memory cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether a file that begins with these bytes is the one of the checkpoint.
    pub fn fits(&self, head: &[u8]) -> bool {
        self.head_length > 0
            && head
                .get(..self.head_length)
                .is_some_and(|head| hash(head) == self.head)
    }
}

pub(super) fn hash(head: &[u8]) -> String {
    Sha256::digest(head)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
