//! Delivering findings.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_text::chain;

use super::{Registration, SinkName, set};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    sink: SinkName,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeadLetterLabels {
    sink: SinkName,
    reason: &'static str,
}

/// Metrics of all sinks; clones share them.
#[derive(Clone)]
pub struct Sinks {
    delivered: Family<Labels, Counter>,
    failures: Family<Labels, Counter>,
    retries: Family<Labels, Counter>,
    dead_letters: Family<DeadLetterLabels, Counter>,
    waiting: Family<Labels, Gauge>,
    oldest: Family<Labels, Gauge>,
    undelivered: Gauge,
}

impl Sinks {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            delivered: to.counters("sink_findings", "Findings that a sink has taken"),
            failures: to.counters("sink_errors", "Failed deliveries, which are retried"),
            retries: to.counters("sink_retries", "Deliveries that were retried"),
            dead_letters: to.counters(
                "sink_dead_letters",
                "Findings that a sink did not take and that were moved to its dead letters, by reason",
            ),
            waiting: to.gauges(
                "sink_lag_findings",
                "Findings that a sink has not taken yet",
            ),
            oldest: to.gauges(
                "sink_lag_seconds",
                "Time since the oldest finding that a sink has not taken was committed",
            ),
            undelivered: to.gauge(
                "undelivered_findings",
                "Findings that the slowest sink has not taken yet",
            ),
        }
    }

    /// Returns the events of one sink.
    #[must_use]
    pub fn sink(&self, name: &str) -> SinkTelemetry {
        let labels = Labels { sink: name.into() };
        SinkTelemetry {
            sink: name.into(),
            delivered: self.delivered.get_or_create_owned(&labels),
            failures: self.failures.get_or_create_owned(&labels),
            retries: self.retries.get_or_create_owned(&labels),
            dead_letters: self.dead_letters.clone(),
            waiting: self.waiting.get_or_create_owned(&labels),
            oldest: self.oldest.get_or_create_owned(&labels),
        }
    }

    /// The number of findings that the slowest sink has not taken.
    pub fn undelivered(&self, findings: u64) {
        set(&self.undelivered, findings);
    }
}

/// Events of one sink; clones report to the same metrics.
#[derive(Clone)]
pub struct SinkTelemetry {
    sink: Arc<str>,
    delivered: Counter,
    failures: Counter,
    retries: Counter,
    dead_letters: Family<DeadLetterLabels, Counter>,
    waiting: Gauge,
    oldest: Gauge,
}

impl SinkTelemetry {
    /// Findings were delivered.
    pub fn delivered(&self, findings: u64) {
        self.delivered.inc_by(findings);
    }

    /// A delivery failed. Only the first of several failures in a row is logged.
    pub fn failed(&self, error: &dyn Error, is_first: bool) {
        self.failures.inc();
        if is_first {
            tracing::error!(
                sink = %self.sink,
                "findings are kept and will be delivered later: {}",
                chain(error)
            );
        }
    }

    /// A delivery is retried.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// A delivery succeeded after failures.
    pub fn recovered(&self) {
        tracing::info!(sink = %self.sink, "the sink takes findings again");
    }

    /// The destination is gone for good.
    pub fn closed(&self, error: &dyn Error) {
        tracing::error!(sink = %self.sink, "{}", chain(error));
    }

    /// A finding was written to the dead letters.
    pub fn dead_letter(&self, reason: &'static str) {
        let labels = DeadLetterLabels {
            sink: self.sink.as_ref().into(),
            reason,
        };
        self.dead_letters.get_or_create(&labels).inc();
    }

    /// A finding that will never be delivered is in the dead letters.
    pub fn undeliverable(&self, finding: &str, reason: &'static str, detail: &str) {
        tracing::error!(sink = %self.sink, finding, reason, "a finding was moved to the dead letters: {detail}");
    }

    /// Findings that exceeded the retention are in the dead letters.
    pub fn expired(&self, findings: usize) {
        tracing::error!(
            sink = %self.sink,
            findings,
            "undelivered findings exceeded the retention and were moved to the dead letters"
        );
    }

    /// Dead letters cannot be written.
    pub fn dead_letters_failed(&self, error: &dyn Error) {
        tracing::error!(sink = %self.sink, "cannot write dead letters: {}", chain(error));
    }

    /// The number of undelivered findings.
    pub fn waiting(&self, findings: u64) {
        set(&self.waiting, findings);
    }

    /// The age of the oldest undelivered finding.
    pub fn oldest(&self, age: Duration) {
        set(&self.oldest, age.as_secs());
    }
}
