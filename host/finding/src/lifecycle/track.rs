//! What of a finding was written under one status.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Updates;
use crate::{Finding, Label};

/// What was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Last {
    pub at: Timestamp,
    label: Label,
}

/// A finding is written by its own clock under each status. So one that goes on to be
/// suppressed does not hide what happened while it was not, and one whose occurrences are
/// suppressed by turns does not write each of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    pub last: Option<Last>,
    /// The newest occurrence, if it is not written.
    pub pending: Option<Box<Finding>>,
    /// What that takes in memory.
    #[serde(skip)]
    pub bytes: usize,
}

impl Track {
    /// Whether a finding of this severity is to be written now.
    pub fn is_due(&self, label: Label, now: Timestamp, updates: Updates) -> bool {
        let Updates::Every(interval) = updates else {
            return false;
        };
        self.last.is_none_or(|last| {
            label > last.label || now.duration_since(last.at).unsigned_abs() >= interval
        })
    }

    /// Notes that a finding of this severity was written. Whether one was before.
    pub fn note_written(&mut self, label: Label, now: Timestamp) -> bool {
        self.pending = None;
        self.bytes = 0;
        self.last.replace(Last { at: now, label }).is_some()
    }

    pub fn wait(&mut self, finding: Finding) {
        self.pending = Some(Box::new(finding));
        self.measure();
    }

    /// The length of its JSON text stands for what a finding takes in memory.
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
