//! The audit webhook of kube-apiserver (`--audit-webhook-config-file`).
//!
//! An API server sends lists of events. If the answer is not 2xx, or is missing, it sends the
//! same list again, five times in about 80 seconds; after that the events are lost, and so are
//! those for which its buffer has no room meanwhile
//! (k8s.io/docs/tasks/debug/debug-cluster/audit). A list is therefore acknowledged when, and
//! only when, it is flushed to a queue on disk, which the host reads at its own pace. Lists
//! that were sent twice are deduplicated later, when events are put in order.

mod error;
mod expiry;
mod log;
mod server;
mod settings;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use wardline_telemetry::WebhookTelemetry;

pub use error::WebhookError;
pub use expiry::certificate_end;
pub use settings::{TlsFiles, WebhookLimits, WebhookSettings};

use super::{CheckpointError, Chunk, RawLine, Source, SourceError, SourceState};
use log::{BodyLog, LogItem, LogReader, LogRecord};
use server::Server;

/// The position at which a queue is read after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookCheckpoint {
    /// The number of the first body that is not processed.
    next: u64,
}

impl WebhookCheckpoint {
    /// Parses the checkpoint that a chunk carried for the source `name`.
    ///
    /// # Errors
    /// Returns [`CheckpointError`] if `stored` is not a webhook's checkpoint.
    pub fn parse(name: &str, stored: &[u8]) -> Result<Self, CheckpointError> {
        serde_json::from_slice(stored).map_err(|error| CheckpointError {
            name: name.to_owned(),
            error,
        })
    }
}

/// A server that API servers send to, and the queue of what they sent. Delivers each body as
/// one line.
pub struct Webhook {
    name: Arc<str>,
    reader: LogReader,
    /// The cluster of events for which neither they nor the request path name one.
    cluster: Arc<str>,
    /// The source name of the last body, which the next one usually shares.
    line_name: Arc<str>,
    /// The cluster that the path of the last body names, or else `cluster`.
    line_cluster: Arc<str>,
    /// The position of the last checkpoint.
    last_checkpoint: Option<u64>,
    /// The address and path for people.
    location: String,
    telemetry: WebhookTelemetry,
    server: Option<Server>,
    writer: Option<JoinHandle<()>>,
}

impl Webhook {
    /// Listens, stores bodies in `directory`, and reads on at `checkpoint`, or at the oldest
    /// body there.
    ///
    /// # Errors
    /// Returns [`WebhookError`] if the queue, a certificate, a key, a token, or the address
    /// cannot be used.
    pub fn open(
        settings: WebhookSettings,
        directory: &std::path::Path,
        checkpoint: Option<WebhookCheckpoint>,
        telemetry: WebhookTelemetry,
    ) -> Result<Self, WebhookError> {
        let name: Arc<str> = Arc::from(settings.name.as_str());
        let cluster: Arc<str> = Arc::from(settings.cluster.as_str());
        let next = checkpoint.map(|checkpoint| checkpoint.next);
        let location = format!("{}{}", settings.listen, settings.path);
        let log = BodyLog::open(directory, settings.limits.queue, next, telemetry.clone())?;
        let server = Server::start(settings, log.appender, telemetry.clone())?;
        Ok(Self {
            line_name: Arc::clone(&name),
            line_cluster: Arc::clone(&cluster),
            cluster,
            name,
            reader: log.reader,
            last_checkpoint: next,
            location,
            telemetry,
            server: Some(server),
            writer: Some(log.writer),
        })
    }

    fn line(&mut self, record: LogRecord) -> RawLine {
        self.note_lag(record.entry.received);
        if !self.is_line_name(&record.entry.sender) {
            (self.line_name, self.line_cluster) = match record.entry.sender.as_str() {
                "" => (Arc::clone(&self.name), Arc::clone(&self.cluster)),
                sender => (
                    Arc::from(format!("{}/{sender}", self.name)),
                    Arc::from(sender),
                ),
            };
        }
        RawLine {
            bytes: record.entry.body,
            source: Arc::clone(&self.line_name),
            cluster: Arc::clone(&self.line_cluster),
            line: record.number,
            defect: None,
        }
    }

    fn is_line_name(&self, sender: &str) -> bool {
        let own = self.line_name.strip_prefix(self.name.as_ref());
        own.is_some_and(|own| own.strip_prefix('/').unwrap_or(own) == sender)
    }

    fn note_lag(&self, received: u64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let waited = now
            .unwrap_or_default()
            .saturating_sub(Duration::from_millis(received));
        self.telemetry.lag(waited);
    }
}

impl Source for Webhook {
    fn states(&self) -> Vec<SourceState> {
        vec![SourceState {
            problem: self
                .reader
                .is_failing()
                .then(|| "the queue on disk cannot be written".to_owned()),
            queue: Some(self.reader.queue()),
            refused: self
                .server
                .as_ref()
                .map(Server::refusals)
                .unwrap_or_default(),
            ..SourceState::new(&self.name, self.location.clone())
        }]
    }

    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        let end = Instant::now() + wait;
        let mut chunk = Chunk::default();
        while chunk.has_room(max_lines, max_bytes) {
            match self.reader.read() {
                Ok(Some(LogItem::Record(record))) => {
                    chunk.bytes += record.entry.body.len() as u64;
                    let line = self.line(record);
                    chunk.lines.push(line);
                }
                Ok(Some(LogItem::Gap(gap))) => chunk.gaps.push(gap),
                Ok(None) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if !chunk.is_silent() || left.is_zero() {
                        break;
                    }
                    self.reader.wait(left);
                }
                Err(error) if chunk.is_silent() => return Err(error),
                // Records read before the error go first; the next call meets it again.
                Err(_) => break,
            }
        }
        let next = self.reader.next_number();
        if !chunk.is_silent() && self.last_checkpoint != Some(next) {
            self.last_checkpoint = Some(next);
            // A single number: serializing it to memory cannot fail.
            let checkpoint = serde_json::to_vec(&WebhookCheckpoint { next }).unwrap_or_default();
            chunk.checkpoints.push((self.name.to_string(), checkpoint));
        }
        Ok(Some(chunk))
    }

    fn stored(&mut self, checkpoints: &[(String, Vec<u8>)]) {
        let own = checkpoints
            .iter()
            .rev()
            .find(|(name, _)| *name == *self.name);
        if let Some((name, stored)) = own
            && let Ok(checkpoint) = WebhookCheckpoint::parse(name, stored)
        {
            self.reader.remove_before(checkpoint.next);
        }
    }
}

impl Drop for Webhook {
    /// Stops accepting requests, and waits until those in progress are answered.
    fn drop(&mut self) {
        drop(self.server.take());
        if let Some(writer) = self.writer.take() {
            // A thread that panicked has reported itself.
            drop(writer.join());
        }
    }
}
