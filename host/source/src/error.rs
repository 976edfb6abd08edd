//! Errors of reading, with hints.

use std::io;
use std::path::{Path, PathBuf};

/// The operation that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Opening a file.
    Open,
    /// Reading or decompressing a file.
    Read,
    /// Reading a file's size and identity.
    Inspect,
    /// Listing a directory for rotated files.
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

/// A source cannot continue.
#[derive(Debug, thiserror::Error)]
#[error("cannot {} {}: {error}{}", operation.as_str(), path.display(), hint(error))]
pub struct SourceError {
    /// The file or directory.
    pub path: PathBuf,
    /// The operation that failed.
    pub operation: Operation,
    /// The error of the operating system or the decompressor.
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
            " (most audit logs are readable by root only: let the host's user or group read the file and search its directory)"
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            " (the file is damaged or truncated; everything before that position was read)"
        }
        _ => "",
    }
}
