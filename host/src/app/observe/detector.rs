//! The work of detectors.

use std::collections::BTreeSet;
use std::fmt;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use wardline_contract::LogLevel;
use wardline_detect::{LogLine, Skip, Tally};
use wardline_state::Usage;
use wardline_telemetry::{DetectorName, Registration};
use wardline_text::shown;

use super::labels::Variant;
use super::set;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    detector: DetectorName,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    detector: DetectorName,
    outcome: Variant,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SkipLabels {
    detector: DetectorName,
    reason: Variant,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    detector: DetectorName,
    reason: Refusal,
}

/// The reason why a claim was refused, which the check of claims defines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Refusal(String);

impl EncodeLabelValue for Refusal {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

type ByDetector = Family<Labels, Counter>;

/// Events of detectors.
pub(in crate::app) struct DetectorTelemetry {
    judged: ByDetector,
    not_judged: Family<SkipLabels, Counter>,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<Labels, Histogram, fn() -> Histogram>,
    findings: ByDetector,
    findings_refused: Family<RefusalLabels, Counter>,
    log_lines: ByDetector,
    log_lines_dropped: ByDetector,
    restarts: ByDetector,
    state_entries: Family<Labels, Gauge>,
    state_bytes: Family<Labels, Gauge>,
    state_evictions: Family<Labels, Gauge>,
}

impl DetectorTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            judged: to.counters("detector_events_judged", "Events judged"),
            not_judged: to.counters(
                "detector_events_not_judged",
                "Events that a detector subscribes to and did not judge",
            ),
            calls: to.counters("detector_calls", "Calls by outcome"),
            call_seconds: to.durations_by("detector_call_seconds", "Duration of calls"),
            findings: to.counters("detector_findings", "Findings by detector"),
            findings_refused: to.counters(
                "detector_findings_refused",
                "Findings refused by validation, by reason",
            ),
            log_lines: to.counters("detector_log_lines", "Log lines of detectors"),
            log_lines_dropped: to.counters(
                "detector_log_lines_dropped",
                "Log lines that exceeded the limit",
            ),
            restarts: to.counters("detector_restarts", "Instances started after a failure"),
            state_entries: to.gauges("state_entries", "Entries in the state of detectors"),
            state_bytes: to.gauges("state_bytes", "Size of the state of detectors"),
            state_evictions: to.gauges(
                "state_evictions",
                "Entries that were evicted to stay within the quota since the instance started",
            ),
        }
    }

    /// A detector was called with the events of a chunk.
    pub fn called(&self, name: &str, tally: &Tally) {
        let detector = DetectorName::from(name);
        for (outcome, count) in &tally.outcomes {
            let labels = CallLabels {
                detector: detector.clone(),
                outcome: (*outcome).into(),
            };
            self.calls.get_or_create(&labels).inc_by(*count);
        }
        for line in &tally.logs {
            log_line(name, line);
        }
        if tally.log_lines_dropped > 0 {
            tracing::warn!(detector = %name, dropped = tally.log_lines_dropped, "the detector exceeded its limit of log lines");
        }
        for (reason, count) in &tally.findings_refused {
            let first = tally.refusals.get(reason).map_or("", String::as_str);
            tracing::warn!(detector = %name, %reason, count, "findings of the detector were refused; first reason: {first}");
            let labels = RefusalLabels {
                detector: detector.clone(),
                reason: Refusal(reason.clone()),
            };
            self.findings_refused.get_or_create(&labels).inc_by(*count);
        }
        let labels = Labels { detector };
        for time in &tally.call_times {
            self.call_seconds
                .get_or_create(&labels)
                .observe(time.as_secs_f64());
        }
        for (family, count) in [
            (&self.judged, tally.judged),
            (&self.findings, tally.findings),
            (&self.log_lines, tally.log_lines),
            (&self.log_lines_dropped, tally.log_lines_dropped),
            (&self.restarts, tally.restarts),
        ] {
            family.get_or_create(&labels).inc_by(count);
        }
    }

    /// Detectors did not judge events of a chunk, given as the detector, the reason, and the event
    /// id. Each reason is logged once for each detector.
    pub fn not_judged<'s>(&self, skipped: impl Iterator<Item = (&'s str, &'s Skip, &'s str)>) {
        let mut logged = BTreeSet::new();
        for (name, skip, event_id) in skipped {
            let labels = SkipLabels {
                detector: name.into(),
                reason: skip.into(),
            };
            self.not_judged.get_or_create(&labels).inc();
            let text = skip_reason(skip);
            if logged.insert((name, text.clone())) {
                tracing::warn!(detector = name, reason = skip.as_str(), event_id = %shown(event_id, 128), "an event was not judged: {text}");
            }
        }
    }

    /// The size of a detector's state.
    pub fn state(&self, name: &str, usage: &Usage) {
        let labels = Labels {
            detector: name.into(),
        };
        for (family, value) in [
            (&self.state_entries, usage.entries as u64),
            (&self.state_bytes, usage.bytes as u64),
            (&self.state_evictions, usage.evictions),
        ] {
            set(&family.get_or_create(&labels), value);
        }
    }
}

/// Returns the reason why an event was not judged, for operators.
pub(in crate::app) fn skip_reason(skip: &Skip) -> String {
    match skip {
        Skip::Failed(failure) | Skip::Unavailable(failure) => failure.message.clone(),
        Skip::Breaker => "the detector's circuit breaker is open".into(),
        Skip::Quarantined => "the detector is quarantined until it is replaced".into(),
    }
}

fn log_line(name: &str, line: &LogLine) {
    let text = line.text.as_str();
    match line.level {
        LogLevel::Trace => tracing::trace!(detector = name, "{text}"),
        LogLevel::Debug => tracing::debug!(detector = name, "{text}"),
        LogLevel::Info => tracing::info!(detector = name, "{text}"),
        LogLevel::Warn => tracing::warn!(detector = name, "{text}"),
        LogLevel::Error => tracing::error!(detector = name, "{text}"),
    }
}
