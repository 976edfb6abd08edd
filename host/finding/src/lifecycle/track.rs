//! Tracks when a finding was written under one status, and what it says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Updates;
use crate::{Finding, Label};

/// The last writing of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Last {
    pub at: Timestamp,
    /// The score; zero in entries of versions that did not save it.
    #[serde(default)]
    score: f64,
}

/// The writing schedule of a finding under one status.
///
/// Each status has its own, so that suppressed occurrences do not hide active ones, and a
/// finding whose occurrences alternate is not written for each of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    pub last: Option<Last>,
    /// The occurrence that is written next: of the most severe ones, the newest. Once written, one
    /// that is above Low stays, so that no lesser one takes its place in an update.
    #[serde(rename = "pending")]
    shown: Option<Box<Finding>>,
    /// The score of `shown` itself, which may be below that of the finding.
    #[serde(default)]
    score: f64,
    /// Whether nothing occurred since the last writing.
    #[serde(default)]
    is_written: bool,
    /// The size of `shown` in memory, in bytes.
    #[serde(skip)]
    pub bytes: usize,
}

impl Track {
    /// Returns whether an occurrence is to be written.
    pub fn is_pending(&self) -> bool {
        self.shown.is_some() && !self.is_written
    }

    /// Returns whether a finding with this score is due.
    pub fn is_due(&self, score: f64, now: Timestamp, updates: Updates) -> bool {
        let Updates::Every(interval) = updates else {
            return false;
        };
        self.last.is_none_or(|last| {
            score > last.score || now.duration_since(last.at).unsigned_abs() >= interval
        })
    }

    /// Adds an occurrence, which has this score itself.
    pub fn add(&mut self, mut finding: Finding, score: f64) {
        self.is_written = false;
        if self.shown.is_some() && score < self.score {
            return;
        }
        // The finding has those of all occurrences.
        finding.event_ids = Vec::new();
        self.shown = Some(Box::new(finding));
        self.score = score;
        self.measure();
    }

    /// Returns the occurrence to write, if one is pending, and notes that the finding was written
    /// with this score.
    pub fn take(&mut self, score: f64, now: Timestamp) -> Option<TakenOccurrence> {
        if !self.is_pending() {
            return None;
        }
        self.is_written = true;
        let finding = if Label::of(self.score) > Label::Low {
            self.shown.as_deref().cloned()?
        } else {
            self.bytes = 0;
            *self.shown.take()?
        };
        let is_update = self.last.replace(Last { at: now, score }).is_some();
        Some(TakenOccurrence { finding, is_update })
    }

    /// Estimates the size of the occurrence by the length of its JSON text.
    pub fn measure(&mut self) {
        let mut length = Length(0);
        // Counting cannot fail.
        let _ = serde_json::to_writer(&mut length, &self.shown);
        self.bytes = length.0;
    }
}

/// An occurrence to write.
pub(super) struct TakenOccurrence {
    pub finding: Finding,
    /// Whether the finding was written before.
    pub is_update: bool,
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
