//! Errors that keep a webhook from listening.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use wardline_text::{Cause, Hint};

use crate::SourceError;

/// A webhook cannot start, or changed files cannot take effect.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A certificate, key or token file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: io::Error,
    },
    /// A file has the wrong content.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The fault in it.
        #[source]
        error: Cause,
        /// The expected content, if the fault does not name it.
        hint: Option<String>,
    },
    /// The address is not available.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        #[source]
        error: io::Error,
    },
    /// The queue on disk cannot be used.
    #[error(transparent)]
    Queue(#[from] SourceError),
    /// A thread or the asynchronous runtime cannot be started.
    #[error("cannot start the threads of the webhook")]
    Start(#[source] io::Error),
}

impl WebhookError {
    pub(super) fn file(path: &Path, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::File {
            path: path.to_owned(),
            error: Cause::new(error),
            hint: None,
        }
    }

    pub(super) fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Self::File { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }
}

impl Hint for WebhookError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => Some("check the path and that the host's user may read it".into()),
            Self::File { hint, .. } => hint.clone(),
            Self::Listen { error, .. } => listen_hint(error).map(str::to_owned),
            Self::Queue(error) => error.hint(),
            Self::Start(_) => None,
        }
    }
}

fn listen_hint(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        io::ErrorKind::AddrInUse => Some(
            "set `listen` of the source to a free port; another program or another host uses this one",
        ),
        io::ErrorKind::AddrNotAvailable => Some(
            "set `listen` to an address of this machine; 0.0.0.0 or [::] stands for all that it has",
        ),
        io::ErrorKind::PermissionDenied => {
            Some("use a port from 1024 up, or give the host root or CAP_NET_BIND_SERVICE")
        }
        _ => None,
    }
}
