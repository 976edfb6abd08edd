//! What can go wrong while reading, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Opening a file.
    Open,
    /// Reading it, or unpacking what was read.
    Read,
    /// Asking for its size and identity.
    Inspect,
    /// Listing a folder for rotated files.
    List,
    /// Writing the queue of a webhook.
    Write,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Inspect => "inspect",
            Self::List => "list",
            Self::Write => "write",
        }
    }
}

/// Why a source cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("cannot {} {}: {error}{}", operation.as_str(), path.display(), hint(error))]
pub struct SourceError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was being done.
    pub operation: Operation,
    /// What the operating system or the decompressor says.
    pub error: io::Error,
}

impl SourceError {
    pub(super) fn io(path: &Path, operation: Operation, error: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            operation,
            error,
        }
    }
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => {
            " (check the path; inside a container it differs from the node's)"
        }
        io::ErrorKind::PermissionDenied => {
            " (audit logs are mostly readable by root only: let the host's user or group read the file and search its folder)"
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            " (the file is damaged or cut off; everything before that place was read)"
        }
        _ => "",
    }
}
