//! The table of open findings.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::entries::Entries;
use super::open::Open;
use super::{Settings, Updates, Written};
use crate::{Finding, Status, Suppression};

/// The size of the table, and how findings left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// The number of open findings.
    pub open: usize,
    /// Their estimated size in memory, in bytes.
    pub bytes: usize,
    /// Findings that ended since the host started.
    pub ended: u64,
    /// Findings that the limits evicted since the host started.
    pub evicted: u64,
}

/// Findings that may occur again, by id.
pub struct OpenFindings {
    settings: Settings,
    entries: Entries,
    /// Findings with a pending occurrence, by the time they were last written.
    waiting: BTreeSet<(Timestamp, String, Status)>,
    /// The number of the next occurrence.
    next: u64,
    /// The time of the newest occurrence that has one.
    now: Timestamp,
    ended: u64,
    evicted: u64,
}

impl OpenFindings {
    /// Creates an empty table that is not saved.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            entries: Entries::default(),
            waiting: BTreeSet::new(),
            next: 1,
            now: Timestamp::UNIX_EPOCH,
            ended: 0,
            evicted: 0,
        }
    }

    /// Restores a table from the changes that [`OpenFindings::take_changes`] returned. Also
    /// returns how many entries could not be read; these begin anew.
    #[must_use]
    pub fn restore(settings: Settings, saved: Vec<(String, Vec<u8>)>) -> (Self, usize) {
        let mut table = Self::new(settings);
        let mut unreadable = 0;
        for (id, bytes) in saved {
            let Some(open) = Open::decode(&bytes) else {
                unreadable += 1;
                continue;
            };
            if open.newest >= table.next {
                table.next = open.newest + 1;
                table.now = open.touched;
            }
            for status in [Status::Active, Status::Suppressed] {
                let track = open.track(status);
                if let Some(last) = track.last
                    && track.is_pending()
                {
                    table.waiting.insert((last.at, id.clone(), status));
                }
            }
            table.entries.put(id, open);
        }
        table.entries.note_changes();
        (table, unreadable)
    }

    /// Adds an occurrence made from a claim. `suppressed` returns the rule, if any, that
    /// suppresses the finding in its new state. Findings that are due are appended to
    /// `written`.
    pub fn take(
        &mut self,
        mut occurrence: Finding,
        suppressed: &mut dyn FnMut(&Finding) -> Option<Suppression>,
        written: &mut Vec<Written>,
    ) {
        let time: Option<Timestamp> = occurrence.time.parse().ok();
        let now = time.unwrap_or(self.now);
        self.now = now;
        self.write_due(written);
        self.end_old(written);
        let id = occurrence.id.clone();
        let number = self.next;
        self.next += 1;
        let mut open = match self.entries.remove(&id) {
            Some(open) if !self.is_over(&open) => open,
            Some(over) => {
                self.end(&id, over, written);
                Open::new(number, now)
            }
            None => Open::new(number, now),
        };
        open.newest = number;
        open.touched = now;
        let own = occurrence.severity.score;
        open.add(&mut occurrence, time);
        let mut finding = open.stamp(occurrence);
        finding.suppression = suppressed(&finding);
        finding.status = match finding.suppression {
            None => Status::Active,
            Some(_) => Status::Suppressed,
        };
        let (status, score) = (finding.status, finding.severity.score);
        let track = open.track_mut(status);
        if let Some(last) = track.last {
            self.waiting.remove(&(last.at, id.clone(), status));
        }
        let is_due = track.is_due(score, now, self.settings.updates);
        track.add(finding, own);
        if is_due {
            write(&mut open, status, now, written);
        } else if let Some(last) = track.last {
            self.waiting.insert((last.at, id.clone(), status));
        }
        self.entries.put(id, open);
        self.evict(written);
    }

    /// Writes all pending occurrences, ordered by the first occurrence of their findings.
    pub fn flush(&mut self, written: &mut Vec<Written>) {
        let mut waiting: Vec<(u64, String)> = self
            .entries
            .iter()
            .filter(|(_, open)| {
                [Status::Active, Status::Suppressed]
                    .iter()
                    .any(|status| open.track(*status).is_pending())
            })
            .map(|(id, open)| (open.first, id.clone()))
            .collect();
        waiting.sort_unstable();
        for (_, id) in waiting {
            if let Some(mut open) = self.entries.remove(&id) {
                self.write_pending(&id, &mut open, written);
                self.entries.put(id, open);
            }
        }
    }

    /// Returns whether an occurrence is pending.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Returns the changes since the last call, by id; `None` for a finding that ended. They
    /// must be stored together with the written findings.
    pub fn take_changes(&mut self) -> Vec<(String, Option<Vec<u8>>)> {
        self.entries.take_changes()
    }

    /// Returns the size of the table.
    #[must_use]
    pub fn usage(&self) -> Usage {
        Usage {
            open: self.entries.len(),
            bytes: self.entries.bytes(),
            ended: self.ended,
            evicted: self.evicted,
        }
    }

    /// Writes pending occurrences whose interval is over. If sources differ in time, the clock
    /// may go back: occurrences that are an interval ahead are due as well.
    fn write_due(&mut self, written: &mut Vec<Written>) {
        let Updates::Every(interval) = self.settings.updates else {
            return;
        };
        let now = self.now;
        let is_due = |at: Timestamp| now.duration_since(at).unsigned_abs() >= interval;
        loop {
            let due = [self.waiting.first(), self.waiting.last()]
                .into_iter()
                .flatten()
                .find(|(at, _, _)| is_due(*at))
                .cloned();
            let Some((at, id, status)) = due else {
                return;
            };
            self.waiting.remove(&(at, id.clone(), status));
            if let Some(mut open) = self.entries.remove(&id) {
                write(&mut open, status, now, written);
                self.entries.put(id, open);
            }
        }
    }

    /// Ends findings whose retention is over.
    fn end_old(&mut self, written: &mut Vec<Written>) {
        while let Some((id, open)) = self.entries.oldest() {
            if !self.is_over(open) {
                return;
            }
            let id = id.clone();
            if let Some(over) = self.entries.remove(&id) {
                self.end(&id, over, written);
            }
        }
    }

    fn is_over(&self, open: &Open) -> bool {
        self.settings.retention.is_some_and(|retention| {
            let since = self.now.duration_since(open.touched);
            since.is_positive() && since.unsigned_abs() > retention
        })
    }

    fn end(&mut self, id: &str, mut open: Open, written: &mut Vec<Written>) {
        self.write_pending(id, &mut open, written);
        self.ended += 1;
    }

    /// Evicts the findings whose newest occurrence is oldest until the limits hold.
    fn evict(&mut self, written: &mut Vec<Written>) {
        let Settings { entries, bytes, .. } = self.settings;
        while self.entries.len() > 1
            && (self.entries.len() > entries || self.entries.bytes() > bytes)
        {
            let Some((id, _)) = self.entries.oldest() else {
                return;
            };
            let id = id.clone();
            if let Some(mut open) = self.entries.remove(&id) {
                self.write_pending(&id, &mut open, written);
                self.evicted += 1;
            }
        }
    }

    /// Writes the pending occurrences of an entry. A finding that is written only once is
    /// active if any of its occurrences was.
    fn write_pending(&mut self, id: &str, open: &mut Open, written: &mut Vec<Written>) {
        for status in [Status::Active, Status::Suppressed] {
            if let Some(last) = open.track(status).last {
                self.waiting.remove(&(last.at, id.to_owned(), status));
            }
            let is_written = write(open, status, self.now, written);
            if is_written && self.settings.updates == Updates::AtEnd {
                *open.track_mut(Status::Suppressed) = super::track::Track::default();
                return;
            }
        }
    }
}

/// Writes the pending occurrence under a status, and returns whether there was one.
fn write(open: &mut Open, status: Status, now: Timestamp, written: &mut Vec<Written>) -> bool {
    let score = open.severity;
    let Some(taken) = open.track_mut(status).take(score, now) else {
        return false;
    };
    written.push(Written {
        finding: open.stamp(taken.finding),
        is_update: taken.is_update,
    });
    true
}

#[cfg(test)]
mod tests;
