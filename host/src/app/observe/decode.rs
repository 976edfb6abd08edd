//! Decoding lines.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use wardline_telemetry::Registration;

use super::labels::Variant;
use crate::pipeline::Processed;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    reason: Variant,
}

/// Events of decoding.
pub(in crate::app) struct DecodeTelemetry {
    skipped: Counter,
    salvaged: Counter,
    rejected: Family<Labels, Counter>,
}

impl DecodeTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            skipped: to.counter(
                "records_skipped",
                "Records of other logs that a cloud delivers together with the audit log",
            ),
            salvaged: to.counter(
                "events_truncated",
                "Events that lack a part, judged by what is there",
            ),
            rejected: to.counters("events_rejected", "Events that could not be decoded"),
        }
    }

    /// A chunk was decoded. Of its rejected events, the first is logged.
    pub fn decoded(&self, processed: &Processed) {
        self.skipped.inc_by(processed.skipped);
        self.salvaged.inc_by(processed.salvaged);
        for rejection in &processed.rejected {
            let labels = Labels {
                reason: rejection.reason.into(),
            };
            self.rejected.get_or_create(&labels).inc();
        }
        if let Some(first) = processed.rejected.first() {
            tracing::warn!(
                count = processed.rejected.len(),
                source = %first.origin.source,
                line = first.origin.line,
                reason = first.reason.as_str(),
                "events were rejected; first reason: {}",
                first.detail
            );
        }
    }
}
