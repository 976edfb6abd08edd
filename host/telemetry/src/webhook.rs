//! Numbers of the audit webhook.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labels::{SourceCode, SourceName};

/// Of all webhook sources.
#[derive(Default)]
pub(super) struct Webhooks {
    requests: Family<SourceCode, Counter>,
    handshakes_failed: Family<SourceName, Counter>,
    connections: Family<SourceName, Gauge>,
    bodies: Family<SourceName, Counter>,
    repeats: Family<SourceName, Counter>,
    bytes: Family<SourceName, Counter>,
    flushes: Family<SourceName, Counter>,
    queue_bytes: Family<SourceName, Gauge>,
    lag: Family<SourceName, Gauge>,
    reloads: Family<SourceName, Counter>,
    reload_failures: Family<SourceName, Counter>,
}

impl Webhooks {
    pub fn register(registry: &mut Registry) -> Self {
        let own = Self::default();
        macro_rules! register {
            ($($field:ident $name:literal $help:literal)*) => {
                $(registry.register($name, $help, own.$field.clone());)*
            };
        }
        register! {
            requests "webhook_requests" "Requests by status code; 401 are senders without credentials"
            handshakes_failed "webhook_handshakes_failed" "Connections that ended before TLS was agreed on"
            connections "webhook_connections" "Connections that are open"
            bodies "webhook_bodies" "Bodies that were stored"
            repeats "webhook_bodies_repeated" "Bodies that were stored before and came again"
            bytes "webhook_stored_bytes" "Bytes that they took in the queue on disk"
            flushes "webhook_flushes" "Times that the queue was flushed to disk"
            queue_bytes "webhook_queue_bytes" "Bytes that the queue takes on disk"
            lag "webhook_lag_seconds" "How long the body that was read last had been in the queue"
            reloads "webhook_reloads" "Times that changed certificates, keys or tokens were put in force"
            reload_failures "webhook_reload_failures" "Times that they could not be used and the old ones stayed"
        }
        own
    }

    /// The numbers of one source.
    pub fn of(&self, source: &str) -> WebhookMetrics {
        let name = SourceName {
            source: source.to_owned(),
        };
        WebhookMetrics {
            source: source.to_owned(),
            requests: self.requests.clone(),
            handshakes_failed: self.handshakes_failed.get_or_create_owned(&name),
            connections: self.connections.get_or_create_owned(&name),
            bodies: self.bodies.get_or_create_owned(&name),
            repeats: self.repeats.get_or_create_owned(&name),
            bytes: self.bytes.get_or_create_owned(&name),
            flushes: self.flushes.get_or_create_owned(&name),
            queue_bytes: self.queue_bytes.get_or_create_owned(&name),
            lag: self.lag.get_or_create_owned(&name),
            reloads: self.reloads.get_or_create_owned(&name),
            reload_failures: self.reload_failures.get_or_create_owned(&name),
        }
    }
}

/// The numbers of one webhook source; clones are the same ones.
#[derive(Clone)]
pub struct WebhookMetrics {
    source: String,
    requests: Family<SourceCode, Counter>,
    handshakes_failed: Counter,
    connections: Gauge,
    bodies: Counter,
    repeats: Counter,
    bytes: Counter,
    flushes: Counter,
    queue_bytes: Gauge,
    lag: Gauge,
    reloads: Counter,
    reload_failures: Counter,
}

impl WebhookMetrics {
    /// A request was answered.
    pub fn answered(&self, code: u16) {
        let label = SourceCode {
            source: self.source.clone(),
            code: code.to_string(),
        };
        self.requests.get_or_create(&label).inc();
    }

    /// A connection ended before TLS was agreed on.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// A connection was opened.
    pub fn connected(&self) {
        self.connections.inc();
    }

    /// A connection was closed.
    pub fn disconnected(&self) {
        self.connections.dec();
    }

    /// Bodies were stored with one flush.
    pub fn stored(&self, bodies: u64, bytes: u64) {
        self.bodies.inc_by(bodies);
        self.bytes.inc_by(bytes);
        self.flushes.inc();
    }

    /// A body came that was stored before.
    pub fn repeated(&self) {
        self.repeats.inc();
    }

    /// So many bytes are in the queue.
    pub fn queued(&self, bytes: u64) {
        self.queue_bytes
            .set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// A body was read so long after it was received.
    pub fn lag(&self, time: Duration) {
        self.lag
            .set(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
    }

    /// Changed files were put in force, or could not be.
    pub fn reloaded(&self, well: bool) {
        if well {
            self.reloads.inc();
        } else {
            self.reload_failures.inc();
        }
    }
}
