//! A finding that may happen again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::event_ids::EventIds;
use super::track::Track;
use crate::{Finding, Severity, Status};

/// What an entry of the table takes beside its texts.
const ENTRY_BYTES: usize = 512;

/// What is known of all occurrences together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Open {
    /// The number of its first occurrence.
    pub first: u64,
    /// The number of its newest occurrence.
    pub newest: u64,
    /// When that was, by the clock of the table.
    pub touched: Timestamp,
    count: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    severity: f64,
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

    /// Counts an occurrence; `time` is what its event says.
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

    /// An occurrence, with what is known of all of them.
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

    /// What it takes in memory, about.
    pub fn bytes(&self) -> usize {
        ENTRY_BYTES + self.event_ids.bytes() + self.active.bytes + self.suppressed.bytes
    }

    /// Reads what was saved.
    pub fn decode(saved: &[u8]) -> Option<Self> {
        let mut open: Self = serde_json::from_slice(saved).ok()?;
        open.active.measure();
        open.suppressed.measure();
        Some(open)
    }

    pub fn encode(&self) -> Vec<u8> {
        // Plain values can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Microseconds, as findings have them.
fn text(time: Option<Timestamp>) -> String {
    time.map(|time| format!("{time:.6}")).unwrap_or_default()
}
