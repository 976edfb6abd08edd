//! Tracks when a finding was written under one status.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Updates;
use crate::{Finding, Label};

/// The last writing of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last {
    pub at: Timestamp,
    label: Label,
}

/// The writing schedule of a finding under one status.
///
/// Each status has its own, so that suppressed occurrences do not hide active ones, and a
/// finding whose occurrences alternate is not written for each of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    pub last: Option<Last>,
    /// The newest occurrence, unless it was written.
    pub pending: Option<Box<Finding>>,
    /// The size of `pending` in memory, in bytes.
    #[serde(skip)]
    pub bytes: usize,
}

impl Track {
    /// Returns whether a finding of this severity is due.
    pub fn is_due(&self, label: Label, now: Timestamp, updates: Updates) -> bool {
        let Updates::Every(interval) = updates else {
            return false;
        };
        self.last.is_none_or(|last| {
            label > last.label || now.duration_since(last.at).unsigned_abs() >= interval
        })
    }

    /// Records that a finding of this severity was written. Returns whether one was written
    /// before.
    pub fn note_written(&mut self, label: Label, now: Timestamp) -> bool {
        self.pending = None;
        self.bytes = 0;
        self.last.replace(Last { at: now, label }).is_some()
    }

    pub fn wait(&mut self, finding: Finding) {
        self.pending = Some(Box::new(finding));
        self.measure();
    }

    /// Estimates the size of the pending finding by the length of its JSON text.
    pub fn measure(&mut self) {
        let mut length = Length(0);
        // Counting cannot fail.
        let _ = serde_json::to_writer(&mut length, &self.pending);
        self.bytes = length.0;
    }
}

struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
