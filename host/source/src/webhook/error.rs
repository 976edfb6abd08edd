//! Errors that keep a webhook from listening.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::SourceError;

/// A webhook cannot start, or changed files cannot take effect.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A certificate, key or token file cannot be read.
    #[error("cannot read {}: {error} (check the path and that the host's user may read it)", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        error: io::Error,
    },
    /// A file has the wrong content.
    #[error("cannot use {}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error, and the expected content.
        message: String,
    },
    /// The address is not available.
    #[error("cannot listen on {address}: {error}{}", listen_hint(error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        error: io::Error,
    },
    /// The queue on disk cannot be used.
    #[error(transparent)]
    Queue(#[from] SourceError),
    /// A thread or the asynchronous runtime cannot be started.
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
            " (another program or another host uses the port; set `listen` of the source to a free one)"
        }
        io::ErrorKind::AddrNotAvailable => {
            " (this machine does not have the address; 0.0.0.0 or [::] stands for all that it has)"
        }
        io::ErrorKind::PermissionDenied => " (ports below 1024 need root or CAP_NET_BIND_SERVICE)",
        _ => "",
    }
}
