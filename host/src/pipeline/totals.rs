//! Totals of the host's work, which only grow.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wardline_detect::Tally;
use wardline_event::Origin;

use super::Processed;
use super::coverage::ObjectCoverage;

/// The work of one detector since the host started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DetectorCounts {
    /// Calls by outcome.
    pub calls: BTreeMap<String, u64>,
    /// The time of all calls on all threads, in seconds.
    pub seconds: f64,
    /// Events and signals that match the detector's subscriptions.
    pub events: u64,
    /// Subscribed events that were judged.
    pub judged: u64,
    /// Subscribed events that were not judged.
    pub not_judged: u64,
    /// Events that were not judged, by reason.
    pub not_judged_by_reason: BTreeMap<String, u64>,
    /// Findings that passed validation.
    pub findings: u64,
    /// Findings that validation refused, by reason.
    pub findings_refused: BTreeMap<String, u64>,
    /// Log lines dropped because of the limit.
    pub log_lines_dropped: u64,
    /// Instances started after a failure.
    pub restarts: u64,
}

impl DetectorCounts {
    fn add(&mut self, tally: &Tally) {
        for (outcome, count) in &tally.outcomes {
            *self.calls.entry(outcome.as_str().to_owned()).or_default() += count;
        }
        self.seconds += tally
            .call_times
            .iter()
            .map(Duration::as_secs_f64)
            .sum::<f64>();
        self.events += tally.events;
        self.judged += tally.judged;
        self.not_judged += tally.not_judged;
        self.findings += tally.findings;
        for (reason, count) in &tally.findings_refused {
            *self.findings_refused.entry(reason.clone()).or_default() += count;
        }
        self.log_lines_dropped += tally.log_lines_dropped;
        self.restarts += tally.restarts;
    }

    /// Returns the number of calls with any outcome.
    #[must_use]
    pub fn all_calls(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// How occurrences of findings were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Active findings written for the first time.
    pub new_findings: u64,
    /// Suppressed findings written for the first time.
    pub suppressed_findings: u64,
    /// Findings, active or suppressed, that were written again.
    pub updates: u64,
    /// Occurrences that a rule suppressed.
    pub suppressed_occurrences: u64,
}

/// Totals since the host started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Events read, without duplicates.
    pub events: u64,
    /// Events among these that no detector subscribes to.
    pub unwanted: u64,
    /// Duplicates that were dropped.
    pub duplicates: u64,
    /// Events whose times are wrong: in the future, or far from those around them.
    #[serde(default)]
    pub skewed: u64,
    /// Records of other logs that clouds deliver together with the audit log. They are not
    /// events.
    #[serde(default)]
    pub skipped: u64,
    /// Events whose ends are missing, and which are judged by what is there.
    #[serde(default)]
    pub salvaged: u64,
    /// Findings that detectors received as signals.
    #[serde(default)]
    pub signals: u64,
    /// Detectors that judge objects which the log has not shown, each with the resources of which it has
    /// changes without objects.
    #[serde(default)]
    pub blind: BTreeMap<String, Vec<String>>,
    /// Lines of input that are not blank.
    #[serde(skip)]
    pub lines: u64,
    /// The first rejection: its source, line, and fault.
    #[serde(skip)]
    pub first_rejected: Option<String>,
    /// Whether changes have their objects.
    #[serde(skip)]
    pub coverage: ObjectCoverage,
    /// Events that could not be decoded, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Events that were not judged by at least one detector that subscribes to them.
    pub not_judged: u64,
    /// Signals that were not judged by at least one detector that subscribes to them.
    #[serde(default)]
    pub signals_not_judged: u64,
    /// Occurrences of findings, one for each accepted claim.
    pub findings: u64,
    /// How these occurrences were written.
    #[serde(flatten)]
    pub written: FindingCounts,
    /// Totals by detector name.
    pub detectors: BTreeMap<String, DetectorCounts>,
}

impl Totals {
    /// Adds the results of a chunk.
    pub fn add(&mut self, processed: &Processed) {
        self.events += processed.events + processed.unwanted;
        self.unwanted += processed.unwanted;
        self.duplicates += processed.duplicates;
        self.skewed += processed.skewed;
        self.skipped += processed.skipped;
        self.coverage.add(&processed.coverage);
        self.salvaged += processed.salvaged;
        self.signals += processed.signals;
        self.not_judged += processed.events_not_judged;
        self.signals_not_judged += processed.signals_not_judged;
        self.findings += processed.findings.len() as u64;
        let lines = processed.sources.iter().map(|(_, counts)| counts.lines);
        self.lines += lines.sum::<u64>();
        if let (None, Some(first)) = (&self.first_rejected, processed.rejected.first()) {
            let Origin { source, line } = &first.origin;
            self.first_rejected = Some(format!("{source}, line {line}: {}", first.detail));
        }
        for rejection in &processed.rejected {
            *self
                .rejected
                .entry(rejection.reason.as_str().to_owned())
                .or_default() += 1;
        }
        for (name, tally) in &processed.tallies {
            self.detectors
                .entry(name.as_ref().to_owned())
                .or_default()
                .add(tally);
        }
        for skipped in &processed.not_judged {
            if let Some(counts) = self.detectors.get_mut(skipped.detector.name()) {
                *counts
                    .not_judged_by_reason
                    .entry(skipped.skip.as_str().to_owned())
                    .or_default() += 1;
            }
        }
    }

    /// Returns how many events were judged by every detector that subscribes to them.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.events - self.not_judged
    }

    /// Returns whether there was input, but no Kubernetes audit event in it.
    #[must_use]
    pub fn has_no_event(&self) -> bool {
        (self.lines > 0 || self.skipped > 0) && self.events == 0
    }

    /// Returns how many events could not be decoded, for any reason.
    #[must_use]
    pub fn all_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }
}
