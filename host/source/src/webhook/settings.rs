//! Settings of a webhook.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A webhook that receives audit events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSettings {
    /// The name in findings and checkpoints, and of the queue's directory.
    pub name: String,
    /// The cluster of events that name none, if the request path names none either; may be empty.
    pub cluster: String,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The prefix of request paths: empty, or `/` and a name without a trailing `/`.
    pub path: String,
    /// Certificates for TLS; `None` for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// A file of bearer tokens (RFC 6750), one per line. If given, every sender needs one.
    pub token_file: Option<PathBuf>,
    /// The limits on senders.
    pub limits: WebhookLimits,
}

/// Files in PEM format (RFC 7468). They are read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, followed by the intermediate certificates.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
    /// The certificate authorities of clients. If given, every sender needs a certificate from
    /// one of them.
    pub client_ca: Option<PathBuf>,
    /// Common names of client certificates that may send; if empty, all from `client_ca` may.
    pub client_names: Vec<String>,
}

/// Limits on senders. Each bounds memory or disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookLimits {
    /// The maximum size of one body after decompression, in bytes.
    pub body: usize,
    /// The maximum size of the queue on disk, in bytes.
    pub queue: u64,
    /// The maximum number of concurrent connections; more wait until one ends.
    pub connections: usize,
    /// How long a new connection has for TLS and the head of its first request.
    pub header_time: Duration,
    /// How long a request has for its body.
    pub body_time: Duration,
    /// How long a connection may wait for its next request.
    pub idle_time: Duration,
}
