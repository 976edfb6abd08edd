//! Errors of the store.

use std::path::PathBuf;

use super::FORMAT;

/// The reason why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another host uses the same directory.
    #[error("{} is in use by another host (give each its own host.state-directory)", .0.display())]
    Locked(PathBuf),
    /// The file was written by a newer host.
    #[error("{} was written by a newer version of wardline (format {found}; this host knows {FORMAT}): update the host, or move the file away and lose what detectors remember", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u64,
    },
    /// The file cannot be opened or created.
    #[error("cannot open {}: {error} (the directory must exist and be the host's to write; a damaged file may be moved away, which loses what detectors remember)", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The cause.
        error: String,
    },
    /// Reading or writing failed.
    #[error("the state store failed: {0}")]
    Database(#[from] redb::Error),
}
