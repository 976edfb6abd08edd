//! All metrics, in the text format of Prometheus
//! (prometheus.io/docs/specs/om/open_metrics_spec).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::gauge::set;
use super::labels::{
    Build, Detector, DetectorOutcome, DetectorReason, Reason, RuleName, SeverityLabel, SourceName,
    StateName, StatusKind, StepName,
};
use super::lists::{ListMetrics, ListNumbers};
use super::sink::{SinkMetrics, Sinks};
use super::webhook::{WebhookMetrics, Webhooks};

/// What [`Metrics::encode`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// From 50 µs, doubled, up to about 1.6 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(50e-6, 2.0, 16))
}

type ByDetector = Family<Detector, Counter>;

/// What one detector did since the last time.
#[derive(Debug, Default)]
pub struct DetectorNumbers<'a> {
    /// Calls by how they ended.
    pub outcomes: Vec<(&'a str, u64)>,
    /// How long each call took.
    pub call_times: &'a [Duration],
    /// Events judged.
    pub judged: u64,
    /// Findings that passed.
    pub findings: u64,
    /// Findings that were refused, by reason.
    pub findings_refused: Vec<(&'a str, u64)>,
    /// Log lines kept.
    pub log_lines: u64,
    /// Log lines over the limit.
    pub log_lines_dropped: u64,
    /// Instances started after a failure.
    pub restarts: u64,
}

struct Inner {
    registry: Registry,
    lines: Family<SourceName, Counter>,
    bytes: Family<SourceName, Counter>,
    source_errors: Counter,
    gaps: Counter,
    events: Counter,
    unwanted: Counter,
    duplicates: Counter,
    skipped: Counter,
    rejected: Family<Reason, Counter>,
    judged: ByDetector,
    not_judged: Family<DetectorReason, Counter>,
    calls: Family<DetectorOutcome, Counter>,
    call_seconds: Family<Detector, Histogram, fn() -> Histogram>,
    detector_findings: ByDetector,
    findings_refused: Family<DetectorReason, Counter>,
    log_lines: ByDetector,
    log_lines_dropped: ByDetector,
    restarts: ByDetector,
    state_entries: Family<Detector, Gauge>,
    state_bytes: Family<Detector, Gauge>,
    state_evictions: Family<Detector, Gauge>,
    inventory_objects: Gauge,
    inventory_evictions: Gauge,
    loaded: Counter,
    refused: Family<StepName, Counter>,
    removed: Counter,
    plugins: Family<StateName, Gauge>,
    generation: Gauge,
    lists: ListMetrics,
    findings: Family<SeverityLabel, Counter>,
    findings_written: Family<StatusKind, Counter>,
    findings_open: Gauge,
    findings_open_bytes: Gauge,
    findings_ended: Gauge,
    findings_evicted: Gauge,
    suppressed: Family<RuleName, Gauge>,
    suppression_rules: Family<StateName, Gauge>,
    suppression_broken_files: Gauge,
    suppression_changes: Counter,
    suppression_refused: Counter,
    sinks: Sinks,
    queue: Gauge,
    undelivered: Gauge,
    chunk_seconds: Histogram,
    commit_seconds: Histogram,
    webhooks: Webhooks,
}

/// All metrics; clones are the same ones.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All at zero.
    #[must_use]
    #[allow(clippy::too_many_lines)]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("wardline");
        macro_rules! register {
            ($name:literal, $help:literal, $metric:expr) => {{
                let metric = $metric;
                registry.register($name, $help, metric.clone());
                metric
            }};
        }
        let build: Family<Build, Gauge> = Family::default();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        build.get_or_create(&Build { version }).set(1);
        registry.register("build_info", "The version of the host", build);
        let started: Gauge = Gauge::default();
        started.set(jiff::Timestamp::now().as_second());
        registry.register(
            "start_time_seconds",
            "When the host started, Unix time",
            started,
        );
        let family_of_times: Family<Detector, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(seconds);
        let inner = Inner {
            lines: register!("source_lines", "Lines read", Family::default()),
            bytes: register!("source_bytes", "Bytes read", Family::default()),
            source_errors: register!(
                "source_errors",
                "Reads that failed; they are tried again",
                Counter::default()
            ),
            gaps: register!(
                "source_gaps",
                "Places where events may have been lost before they were read",
                Counter::default()
            ),
            events: register!(
                "events",
                "Events read that were not repeats",
                Counter::default()
            ),
            unwanted: register!(
                "events_unwanted",
                "Of these, events that no detector subscribes to",
                Counter::default()
            ),
            duplicates: register!(
                "events_duplicate",
                "Repeated events that were dropped",
                Counter::default()
            ),
            skipped: register!(
                "records_skipped",
                "Records of other logs, delivered with the audit log by a cloud",
                Counter::default()
            ),
            rejected: register!(
                "events_rejected",
                "Events that could not be decoded",
                Family::default()
            ),
            judged: register!("detector_events_judged", "Events judged", Family::default()),
            not_judged: register!(
                "detector_events_not_judged",
                "Events that a detector subscribed to and did not judge",
                Family::default()
            ),
            calls: register!(
                "detector_calls",
                "Calls by how they ended",
                Family::default()
            ),
            call_seconds: register!(
                "detector_call_seconds",
                "How long calls took",
                family_of_times
            ),
            detector_findings: register!(
                "detector_findings",
                "Findings by detector",
                Family::default()
            ),
            findings_refused: register!(
                "detector_findings_refused",
                "Findings that did not hold together",
                Family::default()
            ),
            log_lines: register!(
                "detector_log_lines",
                "Log lines of detectors",
                Family::default()
            ),
            log_lines_dropped: register!(
                "detector_log_lines_dropped",
                "Log lines over the limit",
                Family::default()
            ),
            restarts: register!(
                "detector_restarts",
                "Instances started after a failure",
                Family::default()
            ),
            state_entries: register!(
                "state_entries",
                "Entries of detectors' state",
                Family::default()
            ),
            state_bytes: register!(
                "state_bytes",
                "Bytes of detectors' state",
                Family::default()
            ),
            state_evictions: register!(
                "state_evictions",
                "Entries that the quota pushed out since the instance started",
                Family::default()
            ),
            inventory_objects: register!(
                "inventory_objects",
                "Objects of the cluster that are remembered",
                Gauge::default()
            ),
            inventory_evictions: register!(
                "inventory_evictions",
                "Objects that the limit pushed out",
                Gauge::default()
            ),
            loaded: register!("plugin_loads", "Versions put to work", Counter::default()),
            refused: register!(
                "plugin_load_failures",
                "Versions refused, by step",
                Family::default()
            ),
            removed: register!("plugin_removals", "Files removed", Counter::default()),
            plugins: register!(
                "plugins",
                "Files of the plugin directory by state",
                Family::default()
            ),
            lists: ListMetrics::register(&mut registry),
            generation: register!(
                "generation",
                "The generation of detectors at work",
                Gauge::default()
            ),
            findings: register!(
                "findings",
                "Occurrences of findings by severity",
                Family::default()
            ),
            findings_written: register!(
                "findings_written",
                "Findings written, by status, and whether for the first time",
                Family::default()
            ),
            findings_open: register!(
                "findings_open",
                "Findings that may happen again",
                Gauge::default()
            ),
            findings_open_bytes: register!(
                "findings_open_bytes",
                "What these take in memory, about",
                Gauge::default()
            ),
            findings_ended: register!(
                "findings_ended",
                "Findings that did not happen again since the host started",
                Gauge::default()
            ),
            findings_evicted: register!(
                "findings_evicted",
                "Findings that the limit pushed out; they are new when they happen again",
                Gauge::default()
            ),
            suppressed: register!(
                "suppressed_occurrences",
                "Occurrences of findings that a rule suppressed since the host started",
                Family::default()
            ),
            suppression_rules: register!(
                "suppression_rules",
                "Suppression rules by state",
                Family::default()
            ),
            suppression_broken_files: register!(
                "suppression_broken_files",
                "Files of suppression rules whose newest content is not used",
                Gauge::default()
            ),
            suppression_changes: register!(
                "suppression_changes",
                "Files of suppression rules that were put in force or removed",
                Counter::default()
            ),
            suppression_refused: register!(
                "suppression_refused",
                "Files of suppression rules that were refused",
                Counter::default()
            ),
            sinks: Sinks::register(&mut registry),
            queue: register!(
                "queue_lines",
                "Lines of the chunk at work",
                Gauge::default()
            ),
            undelivered: register!(
                "undelivered_findings",
                "Findings that the slowest sink has not taken yet",
                Gauge::default()
            ),
            chunk_seconds: register!(
                "chunk_seconds",
                "How long chunks took to decode and judge",
                seconds()
            ),
            commit_seconds: register!(
                "commit_seconds",
                "How long the store took to write",
                seconds()
            ),
            webhooks: Webhooks::register(&mut registry),
            registry,
        };
        Self(Arc::new(inner))
    }

    /// All metrics as text.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }

    /// Lines were read.
    pub fn read(&self, source: &str, lines: u64, bytes: u64) {
        let label = SourceName {
            source: source.to_owned(),
        };
        self.0.lines.get_or_create(&label).inc_by(lines);
        self.0.bytes.get_or_create(&label).inc_by(bytes);
    }

    /// A source could not be read.
    pub fn source_failed(&self) {
        self.0.source_errors.inc();
    }

    /// The numbers of a webhook.
    #[must_use]
    pub fn webhook(&self, source: &str) -> WebhookMetrics {
        self.0.webhooks.of(source)
    }

    /// Events may have been lost before they were read.
    pub fn gap(&self) {
        self.0.gaps.inc();
    }

    /// A chunk was judged.
    pub fn chunk(&self, wanted: u64, unwanted: u64, duplicates: u64, time: Duration) {
        self.0.events.inc_by(wanted + unwanted);
        self.0.unwanted.inc_by(unwanted);
        self.0.duplicates.inc_by(duplicates);
        self.0.chunk_seconds.observe(time.as_secs_f64());
    }

    /// Records were of other logs.
    pub fn skipped(&self, count: u64) {
        self.0.skipped.inc_by(count);
    }

    /// Lines are at work.
    pub fn queue(&self, lines: usize) {
        set(&self.0.queue, lines as u64);
    }

    /// An event could not be decoded.
    pub fn rejected(&self, reason: &str) {
        let label = Reason {
            reason: reason.to_owned(),
        };
        self.0.rejected.get_or_create(&label).inc();
    }

    /// An event was not judged by a detector.
    pub fn not_judged(&self, detector: &str, reason: &str) {
        let label = DetectorReason {
            detector: detector.to_owned(),
            reason: reason.to_owned(),
        };
        self.0.not_judged.get_or_create(&label).inc();
    }

    /// What a detector did.
    pub fn detector(&self, name: &str, numbers: &DetectorNumbers<'_>) {
        let inner = &self.0;
        let label = Detector {
            detector: name.to_owned(),
        };
        for (outcome, count) in &numbers.outcomes {
            let label = DetectorOutcome {
                detector: name.to_owned(),
                outcome: (*outcome).to_owned(),
            };
            inner.calls.get_or_create(&label).inc_by(*count);
        }
        for time in numbers.call_times {
            inner
                .call_seconds
                .get_or_create(&label)
                .observe(time.as_secs_f64());
        }
        for (reason, count) in &numbers.findings_refused {
            let label = DetectorReason {
                detector: name.to_owned(),
                reason: (*reason).to_owned(),
            };
            inner.findings_refused.get_or_create(&label).inc_by(*count);
        }
        for (family, count) in [
            (&inner.judged, numbers.judged),
            (&inner.detector_findings, numbers.findings),
            (&inner.log_lines, numbers.log_lines),
            (&inner.log_lines_dropped, numbers.log_lines_dropped),
            (&inner.restarts, numbers.restarts),
        ] {
            family.get_or_create(&label).inc_by(count);
        }
    }

    /// What a detector's state takes.
    pub fn state(&self, detector: &str, entries: usize, bytes: usize, evictions: u64) {
        let label = Detector {
            detector: detector.to_owned(),
        };
        set(&self.0.state_entries.get_or_create(&label), entries as u64);
        set(&self.0.state_bytes.get_or_create(&label), bytes as u64);
        set(&self.0.state_evictions.get_or_create(&label), evictions);
    }

    /// What the inventory holds.
    pub fn inventory(&self, objects: usize, evictions: u64) {
        set(&self.0.inventory_objects, objects as u64);
        set(&self.0.inventory_evictions, evictions);
    }

    /// A version was put to work.
    pub fn loaded(&self) {
        self.0.loaded.inc();
    }

    /// A version was refused.
    pub fn refused(&self, step: &str) {
        let label = StepName {
            step: step.to_owned(),
        };
        self.0.refused.get_or_create(&label).inc();
    }

    /// A file was removed.
    pub fn removed(&self) {
        self.0.removed.inc();
    }

    /// How many files stand where.
    pub fn plugins(&self, by_state: &BTreeMap<&str, u64>) {
        for (state, count) in by_state {
            let label = StateName {
                state: (*state).to_owned(),
            };
            set(&self.0.plugins.get_or_create(&label), *count);
        }
    }

    /// The generation at work.
    pub fn generation(&self, number: u64) {
        set(&self.0.generation, number);
    }

    /// A version of a list was put in force.
    pub fn list_loaded(&self) {
        self.0.lists.loaded.inc();
    }

    /// A version of a list was refused, or their directory cannot be read.
    pub fn list_refused(&self) {
        self.0.lists.refused.inc();
    }

    /// Where all lists stand.
    pub fn lists<'n>(&self, lists: impl Iterator<Item = ListNumbers<'n>>) {
        self.0.lists.show(lists);
    }

    /// A finding was raised.
    pub fn finding(&self, severity: &str) {
        let label = SeverityLabel {
            severity: severity.to_owned(),
        };
        self.0.findings.get_or_create(&label).inc();
    }

    /// A finding was written; `kind` is `new` or `update`.
    pub fn finding_written(&self, status: &str, kind: &str) {
        let label = StatusKind {
            status: status.to_owned(),
            kind: kind.to_owned(),
        };
        self.0.findings_written.get_or_create(&label).inc();
    }

    /// What is open.
    pub fn open_findings(&self, open: usize, bytes: usize, ended: u64, evicted: u64) {
        set(&self.0.findings_open, open as u64);
        set(&self.0.findings_open_bytes, bytes as u64);
        set(&self.0.findings_ended, ended);
        set(&self.0.findings_evicted, evicted);
    }

    /// What a rule suppressed.
    pub fn suppressed(&self, rule: &str, occurrences: u64) {
        let label = RuleName {
            rule: rule.to_owned(),
        };
        set(&self.0.suppressed.get_or_create(&label), occurrences);
    }

    /// How many rules stand where, and how many files are broken.
    pub fn suppression_rules(&self, by_state: &BTreeMap<&str, u64>, broken: usize) {
        for (state, count) in by_state {
            let label = StateName {
                state: (*state).to_owned(),
            };
            set(&self.0.suppression_rules.get_or_create(&label), *count);
        }
        set(&self.0.suppression_broken_files, broken as u64);
    }

    /// Suppression rules were put in force or removed.
    pub fn rules_changed(&self) {
        self.0.suppression_changes.inc();
    }

    /// A file of suppression rules was refused.
    pub fn rules_refused(&self) {
        self.0.suppression_refused.inc();
    }

    /// Returns the metrics of a sink.
    #[must_use]
    pub fn sink(&self, name: &str) -> SinkMetrics {
        self.0.sinks.of(name)
    }

    /// Findings wait for a sink.
    pub fn undelivered(&self, count: u64) {
        set(&self.0.undelivered, count);
    }

    /// The store wrote.
    pub fn committed(&self, time: Duration) {
        self.0.commit_seconds.observe(time.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::{DetectorNumbers, Metrics};

    #[test]
    fn a_list_that_is_gone_is_no_longer_shown() {
        let metrics = Metrics::new();
        let of = |list| super::ListNumbers {
            list,
            kind: "threat",
            entries: 3,
            bad: 1,
            age: Some(60),
            stale: true,
            broken: false,
        };
        metrics.lists([of("one"), of("two")].into_iter());
        metrics.lists(std::iter::once(of("two")));
        let text = metrics.encode();
        assert!(
            text.contains("wardline_intel_entries{list=\"two\",kind=\"threat\"} 3"),
            "{text}"
        );
        assert!(!text.contains("\"one\""), "{text}");
    }

    #[test]
    fn numbers_come_out_under_their_names() {
        let metrics = Metrics::new();
        metrics.rejected("malformed");
        metrics.detector(
            "secrets",
            &DetectorNumbers {
                outcomes: vec![("ok", 3)],
                judged: 7,
                ..DetectorNumbers::default()
            },
        );
        metrics.not_judged("secrets", "breaker");
        let text = metrics.encode();
        for line in [
            "wardline_events_rejected_total{reason=\"malformed\"} 1",
            "wardline_detector_calls_total{detector=\"secrets\",outcome=\"ok\"} 3",
            "wardline_detector_events_judged_total{detector=\"secrets\"} 7",
            "wardline_detector_events_not_judged_total{detector=\"secrets\",reason=\"breaker\"} 1",
        ] {
            assert!(text.contains(line), "{line}\nin\n{text}");
        }
    }
}
