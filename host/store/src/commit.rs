//! The contents of one transaction.

use std::sync::Arc;
use std::time::Duration;

use wardline_state::Changes;

/// Everything that is written in one transaction.
#[derive(Debug, Default)]
pub struct Commit {
    /// Changes of detectors' state, by detector and partition; applied in order.
    pub changes: Vec<(Arc<str>, u8, Changes)>,
    /// Checkpoints of sources, by name.
    pub checkpoints: Vec<(String, Vec<u8>)>,
    /// Values of the host itself, by key.
    pub meta: Vec<(String, Vec<u8>)>,
    /// Objects of the inventory; `None` removes an object.
    pub inventory: Vec<(String, Option<Vec<u8>>)>,
    /// Open findings, by id; `None` removes a finding that has ended.
    pub open_findings: Vec<(String, Option<Vec<u8>>)>,
    /// Findings to deliver and to keep.
    pub findings: Vec<NewFinding>,
    /// The number of the last finding that each sink has acknowledged, by the sink's name; `None`
    /// forgets a sink.
    pub cursors: Vec<(String, Option<u64>)>,
    /// The time of the commit by the host's clock, in milliseconds since the Unix epoch.
    pub now: i64,
    /// The findings to keep after delivery; `None` keeps all.
    pub retention: Option<Retention>,
}

impl Commit {
    /// Returns true if there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.checkpoints.is_empty()
            && self.meta.is_empty()
            && self.inventory.is_empty()
            && self.open_findings.is_empty()
            && self.findings.is_empty()
            && self.cursors.is_empty()
    }
}

/// A finding to deliver and to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFinding {
    /// Position in the order of delivery, at least 1. Numbers increase and are never reused.
    pub number: u64,
    /// The finding's id, which all versions of a repeated finding share.
    pub id: String,
    /// Event time of the last occurrence, in microseconds since the Unix epoch.
    pub time: i64,
    /// The finding as JSON.
    pub json: Vec<u8>,
}

/// Limits on the findings that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Time since the commit after which a finding is removed.
    pub age: Duration,
    /// Maximum size of all findings, in bytes; the oldest are removed first.
    pub bytes: u64,
}

impl Retention {
    /// Returns the latest time, in milliseconds since the Unix epoch, whose findings have expired.
    pub(crate) fn expired(&self, now: i64) -> i64 {
        now.saturating_sub(i64::try_from(self.age.as_millis()).unwrap_or(i64::MAX))
    }
}
