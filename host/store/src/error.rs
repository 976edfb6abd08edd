//! Errors of the store.

use std::path::PathBuf;

use wardline_text::{Cause, Hint};

use super::FORMAT;

/// The reason why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another host uses the same directory.
    #[error("{} is in use by another host", .0.display())]
    Locked(PathBuf),
    /// The file was written by a newer host.
    #[error("{} was written by a newer version of wardline (format {found}; this host knows {FORMAT})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u64,
    },
    /// The file cannot be opened or created.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        error: redb::DatabaseError,
    },
    /// The content was changed by something other than a host.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        #[source]
        error: Cause,
    },
    /// A damaged file cannot be moved out of the way.
    #[error("cannot rename {}", path.display())]
    Rename {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
    /// The file could not be opened again after an error.
    #[error("the state store is closed after an error")]
    Closed,
    /// Reading or writing failed.
    #[error("the state store failed")]
    Database(#[from] redb::Error),
}

impl Hint for StoreError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Locked(_) => "give each host its own host.state-directory",
            Self::Newer { .. } => {
                "update the host, or move the file away and lose what detectors remember"
            }
            Self::Open { .. } => "let the host write in an existing directory with free space",
            Self::Damaged { .. } => "move the file away, which loses what detectors remember",
            Self::Rename { .. } => "let the host write in the directory",
            Self::Database(_) | Self::Closed => return None,
        };
        Some(hint.into())
    }
}

impl StoreError {
    /// Returns true if the same call may succeed later, once the disk has space or works again.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Open { error, .. } => matches!(
                error,
                redb::DatabaseError::Storage(redb::StorageError::Io(error))
                    if !is_permanent(error.kind())
            ),
            Self::Database(error) => !matches!(error, redb::Error::Corrupted(_)),
            Self::Closed => true,
            Self::Locked(_) | Self::Newer { .. } | Self::Damaged { .. } | Self::Rename { .. } => {
                false
            }
        }
    }
}

/// Errors for which an operator has to change something.
fn is_permanent(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind;
    matches!(
        kind,
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::ReadOnlyFilesystem
    )
}
