//! Errors of the store.

use std::path::PathBuf;

use wardline_text::Hint;

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
            Self::Open { .. } => {
                "let the host write in an existing directory, or move a damaged file away, which loses what detectors remember"
            }
            Self::Database(_) => return None,
        };
        Some(hint.into())
    }
}
