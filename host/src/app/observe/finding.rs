//! Findings.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_finding::lifecycle::Usage;
use wardline_finding::{Label, Status};
use wardline_telemetry::Registration;

use super::labels::{Variant, WriteKind};
use super::set;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    severity: Variant,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WriteLabels {
    status: Variant,
    kind: Variant,
}

/// Events of findings.
pub(in crate::app) struct FindingTelemetry {
    occurrences: Family<Labels, Counter>,
    written: Family<WriteLabels, Counter>,
    open: Gauge,
    open_bytes: Gauge,
    ended: Gauge,
    evicted: Gauge,
}

impl FindingTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            occurrences: to.counters("findings", "Occurrences of findings by severity"),
            written: to.counters(
                "findings_written",
                "Findings written, by status, for the first time (new) or again (update)",
            ),
            open: to.gauge("findings_open", "Open findings, which may occur again"),
            open_bytes: to.gauge(
                "findings_open_bytes",
                "Approximate size of open findings in memory",
            ),
            ended: to.gauge(
                "findings_ended",
                "Findings that ended since the host started, because they did not occur again",
            ),
            evicted: to.gauge(
                "findings_evicted",
                "Open findings that were evicted to stay within the limit; they are new if they occur again",
            ),
        }
    }

    /// A detector raised a finding.
    pub fn raised(&self, severity: Label) {
        let labels = Labels {
            severity: severity.into(),
        };
        self.occurrences.get_or_create(&labels).inc();
    }

    /// A finding was written.
    pub fn written(&self, status: Status, is_update: bool) {
        let kind = if is_update {
            WriteKind::Update
        } else {
            WriteKind::New
        };
        let labels = WriteLabels {
            status: status.into(),
            kind: kind.into(),
        };
        self.written.get_or_create(&labels).inc();
    }

    /// The number and size of open findings.
    pub fn open(&self, usage: &Usage) {
        set(&self.open, usage.open as u64);
        set(&self.open_bytes, usage.bytes as u64);
        set(&self.ended, usage.ended);
        set(&self.evicted, usage.evicted);
    }
}
