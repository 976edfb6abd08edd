//! A finding that may occur again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event_ids::EventIds;
use super::track::Track;
use crate::{Finding, Severity, Status};

/// The estimated size of a table entry without its texts, in bytes.
const ENTRY_BYTES: usize = 512;

/// The aggregate of all occurrences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Open {
    /// The number of the first occurrence.
    pub first: u64,
    /// The number of the newest occurrence.
    pub newest: u64,
    /// The time of the newest occurrence on the table's clock.
    pub touched: Timestamp,
    count: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    /// The highest score of all occurrences.
    pub severity: f64,
    event_ids: EventIds,
    active: Track,
    suppressed: Track,
}

impl Open {
    pub fn new(number: u64, now: Timestamp) -> Self {
        Self {
            first: number,
            newest: number,
            touched: now,
            count: 0,
            first_seen: None,
            last_seen: None,
            severity: 0.0,
            event_ids: EventIds::default(),
            active: Track::default(),
            suppressed: Track::default(),
        }
    }

    /// Counts an occurrence; `time` is that of its event.
    pub fn add(&mut self, occurrence: &mut Finding, time: Option<Timestamp>) {
        self.count += 1;
        if let Some(time) = time {
            self.first_seen = Some(self.first_seen.map_or(time, |first| first.min(time)));
            self.last_seen = Some(self.last_seen.map_or(time, |last| last.max(time)));
        }
        self.severity = self.severity.max(occurrence.severity.score);
        for id in std::mem::take(&mut occurrence.event_ids) {
            self.event_ids.add(id);
        }
    }

    /// Returns an occurrence with the aggregated values.
    pub fn stamp(&self, mut occurrence: Finding) -> Finding {
        occurrence.severity = Severity::new(self.severity);
        occurrence.count = self.count;
        occurrence.first_seen = text(self.first_seen);
        occurrence.last_seen = text(self.last_seen);
        occurrence.event_ids = self.event_ids.to_vec();
        occurrence.event_ids_omitted = self.event_ids.omitted();
        occurrence
    }

    pub fn track(&self, status: Status) -> &Track {
        match status {
            Status::Active => &self.active,
            Status::Suppressed => &self.suppressed,
        }
    }

    pub fn track_mut(&mut self, status: Status) -> &mut Track {
        match status {
            Status::Active => &mut self.active,
            Status::Suppressed => &mut self.suppressed,
        }
    }

    /// Estimates the size in memory, in bytes.
    pub fn bytes(&self) -> usize {
        ENTRY_BYTES + self.event_ids.bytes() + self.active.bytes + self.suppressed.bytes
    }

    /// Parses a saved entry.
    pub fn decode(saved: &[u8]) -> Option<Self> {
        let mut open: Self = serde_json::from_slice(saved).ok()?;
        open.active.measure();
        open.suppressed.measure();
        Some(open)
    }

    pub fn encode(&self) -> Vec<u8> {
        // Plain values can always be serialized.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Formats a time with microseconds, as in findings.
fn text(time: Option<Timestamp>) -> String {
    time.map(|time| format!("{time:.6}")).unwrap_or_default()
}
