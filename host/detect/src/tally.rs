//! Counters of one detector's work since they were last read.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use wardline_contract::LogLevel;

use super::Outcome;

/// A log line that a detector wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// The level that the detector gave it.
    pub level: LogLevel,
    /// One line, truncated to the limit and free of control characters.
    pub text: String,
}

/// Counters of one detector; those of several threads or periods can be added up.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Calls by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Duration of each call.
    #[serde(skip)]
    pub call_times: Vec<Duration>,
    /// Events that met one of the detector's subscriptions.
    pub events: u64,
    /// The part of `events` that was judged.
    pub judged: u64,
    /// The part of `events` that was not judged.
    pub not_judged: u64,
    /// Findings that passed the check.
    pub findings: u64,
    /// Findings that were refused, by reason.
    pub findings_refused: BTreeMap<String, u64>,
    /// Explanation of the first refusal for each reason.
    #[serde(skip)]
    pub refusals: BTreeMap<String, String>,
    /// Log lines kept.
    pub log_lines: u64,
    /// Log lines dropped because they exceeded the limit.
    pub log_lines_dropped: u64,
    /// The log lines kept.
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

    /// Counts a refused finding; `text` explains the refusal to the detector's author.
    pub fn refuse(&mut self, reason: &str, text: &str) {
        *self.findings_refused.entry(reason.to_owned()).or_default() += 1;
        self.refusals
            .entry(reason.to_owned())
            .or_insert_with(|| text.to_owned());
    }

    /// Adds the counters of another thread or period.
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

    /// Returns true if there is nothing to report.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events == 0
            && self.outcomes.is_empty()
            && self.logs.is_empty()
            && self.log_lines_dropped == 0
    }
}
