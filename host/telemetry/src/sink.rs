//! Delivering findings.

use std::error::Error;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_error::chain;

use super::{Registration, SinkName, set};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    sink: SinkName,
}

/// Events of all sinks.
pub struct SinkTelemetry {
    findings: Family<Labels, Counter>,
    errors: Family<Labels, Counter>,
    undelivered: Gauge,
}

impl SinkTelemetry {
    /// Registers the metrics.
    pub fn register(to: &mut Registration) -> Self {
        Self {
            findings: to.counters("sink_findings", "Findings written"),
            errors: to.counters("sink_errors", "Failed writes, which are retried"),
            undelivered: to.gauge(
                "undelivered_findings",
                "Findings that at least one sink has not taken",
            ),
        }
    }

    /// Findings were written.
    pub fn written(&self, sink: &str, count: u64) {
        let labels = Labels { sink: sink.into() };
        self.findings.get_or_create(&labels).inc_by(count);
    }

    /// A write failed. Only the first of several failures in a row is logged.
    pub fn failed(&self, sink: &str, error: &dyn Error, is_first: bool) {
        let labels = Labels { sink: sink.into() };
        self.errors.get_or_create(&labels).inc();
        if is_first {
            tracing::error!(
                sink,
                "cannot deliver findings, keeping them for another attempt: {}",
                chain(error)
            );
        }
    }

    /// The number of findings that at least one sink has not taken.
    pub fn undelivered(&self, count: u64) {
        set(&self.undelivered, count);
    }
}
