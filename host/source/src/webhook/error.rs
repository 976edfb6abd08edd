//! What keeps a webhook from listening.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::SourceError;

/// Why a webhook cannot be offered, or why changed files are not put in force.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A certificate, key or token file cannot be read.
    #[error("cannot read {}: {error} (check the path, and that the host's user may read it)", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// It is not what it should be.
    #[error("{} cannot be used: {message}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what is expected.
        message: String,
    },
    /// The address cannot be had.
    #[error("cannot listen on {address}: {error}{}", listen_hint(error))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the operating system says.
        error: io::Error,
    },
    /// The queue on disk cannot be used.
    #[error(transparent)]
    Queue(#[from] SourceError),
    /// A thread or the runtime.
    #[error("cannot start the threads of the webhook: {0}")]
    Start(io::Error),
}

impl WebhookError {
    pub(super) fn file(path: &Path, message: impl ToString) -> Self {
        Self::File {
            path: path.to_owned(),
            message: message.to_string(),
        }
    }
}

fn listen_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            " (another program, or another host, has the port; set `listen` of the source to another)"
        }
        io::ErrorKind::AddrNotAvailable => {
            " (this machine does not have the address; 0.0.0.0 or [::] are all that it has)"
        }
        io::ErrorKind::PermissionDenied => " (ports below 1024 are for root)",
        _ => "",
    }
}
