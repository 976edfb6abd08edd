//! Receiving events through webhooks.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_text::{Hint, chain, chain_with_hint};

use super::{Registration, SourceName, set};

/// Time after a refusal was logged in which others are only counted.
const QUIET: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    source: SourceName,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    source: SourceName,
    code: u16,
}

/// Metrics of all webhooks.
pub struct Webhooks {
    requests: Family<RequestLabels, Counter>,
    handshakes_failed: Family<Labels, Counter>,
    connections: Family<Labels, Gauge>,
    bodies: Family<Labels, Counter>,
    duplicates: Family<Labels, Counter>,
    bytes: Family<Labels, Counter>,
    flushes: Family<Labels, Counter>,
    queue_bytes: Family<Labels, Gauge>,
    lag: Family<Labels, Gauge>,
    reloads: Family<Labels, Counter>,
    reload_failures: Family<Labels, Counter>,
}

impl Webhooks {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            requests: to.counters(
                "webhook_requests",
                "Requests by status code; 401 counts senders without valid credentials",
            ),
            handshakes_failed: to.counters(
                "webhook_handshakes_failed",
                "Connections that ended before the TLS handshake was complete",
            ),
            connections: to.gauges("webhook_connections", "Open connections"),
            bodies: to.counters("webhook_bodies", "Stored bodies"),
            duplicates: to.counters(
                "webhook_bodies_repeated",
                "Bodies that were received again after they had been stored",
            ),
            bytes: to.counters(
                "webhook_stored_bytes",
                "Bytes of stored bodies in the queue on disk",
            ),
            flushes: to.counters("webhook_flushes", "Flushes of the queue to disk"),
            queue_bytes: to.gauges("webhook_queue_bytes", "Size of the queue on disk"),
            lag: to.gauges(
                "webhook_lag_seconds",
                "Time that the body read last spent in the queue",
            ),
            reloads: to.counters(
                "webhook_reloads",
                "Changes of certificates, keys, or tokens that were put into force",
            ),
            reload_failures: to.counters(
                "webhook_reload_failures",
                "Changes of certificates, keys, or tokens that were refused; the previous ones stayed in force",
            ),
        }
    }

    /// Returns the events of one webhook.
    #[must_use]
    pub fn source(&self, source: &str) -> WebhookTelemetry {
        let labels = Labels {
            source: source.into(),
        };
        WebhookTelemetry {
            source: source.into(),
            requests: self.requests.clone(),
            handshakes_failed: self.handshakes_failed.get_or_create_owned(&labels),
            connections: self.connections.get_or_create_owned(&labels),
            bodies: self.bodies.get_or_create_owned(&labels),
            duplicates: self.duplicates.get_or_create_owned(&labels),
            bytes: self.bytes.get_or_create_owned(&labels),
            flushes: self.flushes.get_or_create_owned(&labels),
            queue_bytes: self.queue_bytes.get_or_create_owned(&labels),
            lag: self.lag.get_or_create_owned(&labels),
            reloads: self.reloads.get_or_create_owned(&labels),
            reload_failures: self.reload_failures.get_or_create_owned(&labels),
            refusals: Arc::default(),
        }
    }
}

/// Events of one webhook; clones report to the same metrics.
#[derive(Clone)]
pub struct WebhookTelemetry {
    source: Arc<str>,
    requests: Family<RequestLabels, Counter>,
    handshakes_failed: Counter,
    connections: Gauge,
    bodies: Counter,
    duplicates: Counter,
    bytes: Counter,
    flushes: Counter,
    queue_bytes: Gauge,
    lag: Gauge,
    reloads: Counter,
    reload_failures: Counter,
    refusals: Arc<Mutex<Refusals>>,
}

/// The refusals of senders that were not logged one by one.
#[derive(Default)]
struct Refusals {
    logged: Option<Instant>,
    silent: u64,
}

impl WebhookTelemetry {
    /// The webhook accepts connections.
    pub fn listening(&self, address: SocketAddr, tls: bool) {
        tracing::info!(source = %self.source, %address, tls, "listening for audit events");
    }

    /// The operating system gave no connection.
    pub fn accept_failed(&self, error: &dyn Error) {
        tracing::warn!(source = %self.source, "cannot accept a connection: {}", chain(error));
    }

    /// A connection was opened.
    pub fn connected(&self) {
        self.connections.inc();
    }

    /// A connection was closed.
    pub fn disconnected(&self) {
        self.connections.dec();
    }

    /// A connection ended before the TLS handshake was complete; without an error, its time was
    /// up.
    pub fn handshake_failed(&self, peer: SocketAddr, error: Option<&dyn Error>) {
        self.handshakes_failed.inc();
        if let Some(error) = error {
            tracing::debug!(source = %self.source, %peer, "TLS handshake failed: {}", chain(error));
        }
    }

    /// A request was answered.
    pub fn answered(&self, code: u16) {
        let labels = RequestLabels {
            source: self.source.as_ref().into(),
            code,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A sender lacks credentials. The answer is counted by its code. At most one in ten seconds is
    /// logged, because anybody can cause it.
    pub fn unauthenticated(&self, peer: SocketAddr, missing: &dyn Display) {
        let more = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            if refusals
                .logged
                .is_some_and(|logged| logged.elapsed() < QUIET)
            {
                refusals.silent += 1;
                return;
            }
            refusals.logged = Some(Instant::now());
            std::mem::take(&mut refusals.silent)
        };
        tracing::warn!(source = %self.source, %peer, more, "rejected a sender: {missing}");
    }

    /// A body is not a list of audit events. The answer is counted by its code.
    pub fn malformed(&self, peer: SocketAddr, sender: &str, reason: &dyn Display) {
        tracing::warn!(source = %self.source, %peer, sender, "rejected a malformed body: {reason}");
    }

    /// Bodies were stored with one flush.
    pub fn stored(&self, bodies: u64, bytes: u64) {
        self.bodies.inc_by(bodies);
        self.bytes.inc_by(bytes);
        self.flushes.inc();
    }

    /// A body was received again after it had been stored.
    pub fn duplicate(&self) {
        self.duplicates.inc();
    }

    /// The size of the queue, in bytes.
    pub fn queued(&self, bytes: u64) {
        set(&self.queue_bytes, bytes);
    }

    /// The time from the receipt of a body to its reading.
    pub fn lag(&self, time: Duration) {
        set(&self.lag, time.as_secs());
    }

    /// Changed certificates, keys, or tokens were put into force.
    pub fn reloaded(&self) {
        self.reloads.inc();
        tracing::info!(source = %self.source, "reloaded changed certificates or tokens");
    }

    /// Changed certificates, keys, or tokens were refused.
    pub fn reload_failed(&self, error: &impl Hint) {
        self.reload_failures.inc();
        tracing::error!(source = %self.source, "cannot reload certificates and tokens, keeping the previous ones: {}", chain_with_hint(error));
    }
}
