//! Errors of reading, with hints.

use std::io;
use std::path::{Path, PathBuf};

use wardline_text::Hint;

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
#[error("cannot {} {}", operation.as_str(), path.display())]
pub struct SourceError {
    /// The file or directory.
    pub path: PathBuf,
    /// The operation that failed.
    pub operation: Operation,
    /// The error of the operating system or the decompressor.
    #[source]
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

impl Hint for SourceError {
    fn hint(&self) -> Option<String> {
        let hint = match self.error.kind() {
            io::ErrorKind::NotFound => {
                "check the path; inside a container it differs from the node's"
            }
            io::ErrorKind::PermissionDenied => {
                "let the host's user or group read the file and search its directory; most audit logs are readable by root only"
            }
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidData => {
                "check whether the file is damaged or truncated; everything before that position was read"
            }
            _ => return None,
        };
        Some(hint.into())
    }
}
