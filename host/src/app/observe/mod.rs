//! Events of the host: each is reported to the log and to the metrics together.
//!
//! One module per area. An area registers its own metrics, and each of its methods reports one
//! event. Areas whose events carry only names and numbers are in `wardline_telemetry`, where crates
//! below this one report them too.

mod decode;
mod detector;
mod finding;
mod health;
mod intel;
mod labels;
mod pipeline;
mod plugin;
mod suppression;

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use wardline_telemetry::{
    Metrics, Registration, Sinks, SourceTelemetry, StoreTelemetry, Webhooks, set,
};

use crate::pipeline::Processed;

use decode::DecodeTelemetry;
use detector::DetectorTelemetry;
use finding::FindingTelemetry;
use health::HealthTelemetry;
use intel::IntelTelemetry;
use pipeline::PipelineTelemetry;
use plugin::PluginTelemetry;
use suppression::SuppressionTelemetry;

pub(super) use detector::skip_reason;

/// All areas.
pub struct Telemetry {
    /// Reading lines.
    pub source: SourceTelemetry,
    /// Receiving events through webhooks.
    pub webhooks: Webhooks,
    /// Decoding lines.
    pub(super) decode: DecodeTelemetry,
    /// Chunks.
    pub(super) pipeline: PipelineTelemetry,
    /// The work of detectors.
    pub(super) detector: DetectorTelemetry,
    /// Loading detectors.
    pub(super) plugin: PluginTelemetry,
    /// Loading intel lists.
    pub(super) intel: IntelTelemetry,
    /// Findings.
    pub(super) finding: FindingTelemetry,
    /// Conditions of the host.
    pub(super) health: HealthTelemetry,
    /// Suppression rules.
    pub(super) suppression: SuppressionTelemetry,
    /// Delivering findings.
    pub sinks: Sinks,
    /// Writing the store.
    pub store: StoreTelemetry,
    metrics: Metrics,
}

impl Default for Telemetry {
    fn default() -> Self {
        let mut to = Registration::default();
        register_host(&mut to);
        Self {
            source: SourceTelemetry::register(&mut to),
            webhooks: Webhooks::register(&mut to),
            decode: DecodeTelemetry::register(&mut to),
            pipeline: PipelineTelemetry::register(&mut to),
            detector: DetectorTelemetry::register(&mut to),
            plugin: PluginTelemetry::register(&mut to),
            intel: IntelTelemetry::register(&mut to),
            finding: FindingTelemetry::register(&mut to),
            health: HealthTelemetry::register(&mut to),
            suppression: SuppressionTelemetry::register(&mut to),
            sinks: Sinks::register(&mut to),
            store: StoreTelemetry::register(&mut to),
            metrics: to.finish(),
        }
    }
}

impl Telemetry {
    /// All metrics.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// A chunk was judged, in this time since it was read.
    pub fn judged(&self, processed: &Processed, time: Duration) {
        self.pipeline.judged(processed, time);
        for (name, tally) in &processed.tallies {
            self.detector.called(name, tally);
        }
        self.detector
            .not_judged(processed.not_judged.iter().map(|skipped| {
                let event_id = skipped.record.event_id.as_ref();
                (skipped.detector.name(), &skipped.skip, event_id)
            }));
        self.decode.decoded(processed);
        for finding in &processed.findings {
            self.finding.raised(finding.severity.label);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

fn register_host(to: &mut Registration) {
    let version = env!("CARGO_PKG_VERSION");
    to.gauges("build_info", "Version of the host")
        .get_or_create(&BuildLabels { version })
        .set(1);
    to.gauge("start_time_seconds", "Start time of the host, in Unix time")
        .set(jiff::Timestamp::now().as_second());
}

#[cfg(test)]
mod tests;
