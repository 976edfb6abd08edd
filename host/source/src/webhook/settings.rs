//! What an operator says of a webhook.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A webhook that receives audit events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// How findings and checkpoints name it, and the directory of its queue.
    pub name: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// What paths begin with: empty, or `/` and a name without `/` at its end.
    pub path: String,
    /// None: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Bearer tokens (RFC 6750), one a line. If it is given, every sender needs one.
    pub token_file: Option<PathBuf>,
    /// What senders may use.
    pub limits: WebhookLimits,
}

/// Files in the PEM format (RFC 7468). They are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and behind it those between it and its root.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Who signs the certificates of clients. If it is given, every sender needs one.
    pub client_ca: Option<PathBuf>,
    /// Common names of the certificates that may send; empty: all that it has signed.
    pub client_names: Vec<String>,
}

/// What senders may use. All bound memory or disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookLimits {
    /// Bytes of one body, unpacked.
    pub body: usize,
    /// Bytes of the queue on disk.
    pub queue: u64,
    /// Connections at once; more wait until one ends.
    pub connections: usize,
    /// How long a new connection has for TLS and the head of its first request.
    pub header_time: Duration,
    /// How long a request has for its body.
    pub body_time: Duration,
    /// How long a connection may wait for the next request.
    pub idle_time: Duration,
}
