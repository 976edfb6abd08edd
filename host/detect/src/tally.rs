//! What a lane did since it was last asked.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use wardline_contract::LogLevel;

use super::Outcome;

/// One line that a detector wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// How it was marked.
    pub level: LogLevel,
    /// One line, cut to its limit and free of control characters.
    pub text: String,
}

/// Counts of one detector; those of several threads and moments add up.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Calls by how they ended.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// How long each call took.
    #[serde(skip)]
    pub call_times: Vec<Duration>,
    /// Events that the detector subscribed to.
    pub events: u64,
    /// Of these, judged.
    pub judged: u64,
    /// Of these, not judged.
    pub not_judged: u64,
    /// Findings that passed.
    pub findings: u64,
    /// Findings that were refused, by reason.
    pub findings_refused: BTreeMap<String, u64>,
    /// What was wrong with the first that was refused for each reason.
    #[serde(skip)]
    pub refusals: BTreeMap<String, String>,
    /// Lines written and kept.
    pub log_lines: u64,
    /// Lines over the limit.
    pub log_lines_dropped: u64,
    /// Lines that were kept.
    #[serde(skip)]
    pub logs: Vec<LogLine>,
    /// Instances started after a failure.
    pub restarts: u64,
}

impl Tally {
    /// Counts one call.
    pub fn call(&mut self, outcome: Outcome, time: Duration) {
        *self.outcomes.entry(outcome).or_default() += 1;
        self.call_times.push(time);
    }

    /// Counts a finding that was refused for a reason; the text is for the author.
    pub fn refuse(&mut self, reason: &str, text: &str) {
        *self.findings_refused.entry(reason.to_owned()).or_default() += 1;
        self.refusals
            .entry(reason.to_owned())
            .or_insert_with(|| text.to_owned());
    }

    /// Adds the counts of another thread or moment.
    pub fn add(&mut self, other: Self) {
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        self.call_times.extend(other.call_times);
        self.events += other.events;
        self.judged += other.judged;
        self.not_judged += other.not_judged;
        self.findings += other.findings;
        for (reason, count) in other.findings_refused {
            *self.findings_refused.entry(reason).or_default() += count;
        }
        for (reason, text) in other.refusals {
            self.refusals.entry(reason).or_insert(text);
        }
        self.log_lines += other.log_lines;
        self.log_lines_dropped += other.log_lines_dropped;
        self.logs.extend(other.logs);
        self.restarts += other.restarts;
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events == 0
            && self.outcomes.is_empty()
            && self.logs.is_empty()
            && self.log_lines_dropped == 0
    }
}
