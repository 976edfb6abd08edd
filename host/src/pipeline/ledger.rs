//! What the host did, in numbers that only grow.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wardline_detect::Tally;

use super::Processed;

/// What one detector did since the host started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DetectorCounts {
    /// Calls by how they ended.
    pub calls: BTreeMap<String, u64>,
    /// Seconds that the calls took, over all threads.
    pub seconds: f64,
    /// Events that it subscribed to.
    pub events: u64,
    /// Of these, judged.
    pub judged: u64,
    /// Of these, not judged.
    pub not_judged: u64,
    /// Events not judged, by reason.
    pub not_judged_by_reason: BTreeMap<String, u64>,
    /// Findings that passed.
    pub findings: u64,
    /// Findings that were refused, by reason.
    pub findings_refused: BTreeMap<String, u64>,
    /// Log lines over the limit.
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

    /// Calls, however they ended.
    #[must_use]
    pub fn all_calls(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// What became of occurrences of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Active findings that were written for the first time.
    pub new_findings: u64,
    /// The same of suppressed ones.
    pub suppressed_findings: u64,
    /// Findings, active or suppressed, that were written again.
    pub updates: u64,
    /// Occurrences that rules suppressed.
    pub suppressed_occurrences: u64,
}

/// What the host did since it started.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Events that were read, without repeats.
    pub events: u64,
    /// Of these, such as no detector subscribes to.
    pub unwanted: u64,
    /// Repeats that were dropped.
    pub duplicates: u64,
    /// Records of other logs, which clouds deliver with the audit log. They are no events.
    #[serde(default)]
    pub skipped: u64,
    /// Events that could not be decoded, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Events that at least one detector should have judged and did not.
    pub not_judged: u64,
    /// Occurrences of findings: what detectors claimed.
    pub findings: u64,
    /// What became of these.
    #[serde(flatten)]
    pub written: FindingCounts,
    /// By detector.
    pub detectors: BTreeMap<String, DetectorCounts>,
}

impl Ledger {
    /// Adds what came of a chunk.
    pub fn add(&mut self, processed: &Processed) {
        self.events += processed.events + processed.unwanted;
        self.unwanted += processed.unwanted;
        self.duplicates += processed.duplicates;
        self.skipped += processed.skipped;
        self.not_judged += processed.events_not_judged;
        self.findings += processed.findings.len() as u64;
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

    /// Events that every detector that wanted them has judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.events - self.not_judged
    }

    /// Events that could not be decoded, for any reason.
    #[must_use]
    pub fn all_rejected(&self) -> u64 {
        self.rejected.values().sum()
    }
}
