//! Metrics of sinks.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::gauge::set;
use super::labels::{SinkName, SinkReason};

/// The metrics of all sinks.
#[derive(Default)]
pub(super) struct Sinks {
    delivered: Family<SinkName, Counter>,
    failures: Family<SinkName, Counter>,
    retries: Family<SinkName, Counter>,
    dead_letters: Family<SinkReason, Counter>,
    waiting: Family<SinkName, Gauge>,
    oldest: Family<SinkName, Gauge>,
}

impl Sinks {
    pub fn register(registry: &mut Registry) -> Self {
        let own = Self::default();
        macro_rules! register {
            ($($field:ident $name:literal $help:literal)*) => {
                $(registry.register($name, $help, own.$field.clone());)*
            };
        }
        register! {
            delivered "sink_findings" "Findings that a sink has taken"
            failures "sink_errors" "Deliveries that failed; they are retried"
            retries "sink_retries" "Deliveries that were retried"
            dead_letters "sink_dead_letters" "Findings that a sink did not take and that were moved to its dead letters, by reason"
            waiting "sink_lag_findings" "Findings that a sink has not taken yet"
            oldest "sink_lag_seconds" "Time since the oldest finding that a sink has not taken was committed"
        }
        own
    }

    /// Returns the metrics of one sink.
    pub fn of(&self, sink: &str) -> SinkMetrics {
        let name = SinkName {
            sink: sink.to_owned(),
        };
        SinkMetrics {
            sink: sink.to_owned(),
            delivered: self.delivered.get_or_create_owned(&name),
            failures: self.failures.get_or_create_owned(&name),
            retries: self.retries.get_or_create_owned(&name),
            dead_letters: self.dead_letters.clone(),
            waiting: self.waiting.get_or_create_owned(&name),
            oldest: self.oldest.get_or_create_owned(&name),
        }
    }
}

/// The metrics of one sink; clones share their values.
#[derive(Clone)]
pub struct SinkMetrics {
    sink: String,
    delivered: Counter,
    failures: Counter,
    retries: Counter,
    dead_letters: Family<SinkReason, Counter>,
    waiting: Gauge,
    oldest: Gauge,
}

impl SinkMetrics {
    /// Counts delivered findings.
    pub fn delivered(&self, findings: u64) {
        self.delivered.inc_by(findings);
    }

    /// Counts a failed delivery.
    pub fn failed(&self) {
        self.failures.inc();
    }

    /// Counts a retry.
    pub fn retried(&self) {
        self.retries.inc();
    }

    /// Counts a finding that was moved to the dead letters.
    pub fn dead_letter(&self, reason: &str) {
        let label = SinkReason {
            sink: self.sink.clone(),
            reason: reason.to_owned(),
        };
        self.dead_letters.get_or_create(&label).inc();
    }

    /// Sets the number of undelivered findings.
    pub fn waiting(&self, findings: u64) {
        set(&self.waiting, findings);
    }

    /// Sets the age of the oldest undelivered finding.
    pub fn oldest(&self, age: Duration) {
        set(&self.oldest, age.as_secs());
    }
}
