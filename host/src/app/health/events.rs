//! Duplicates and times of events.

use jiff::Timestamp;
use wardline_health::{Condition, Growth, Kind};

use super::WINDOW;
use crate::pipeline::Totals;

/// The number of duplicates below which their share means nothing.
const SOME: u64 = 1000;

/// Totals over the latest window.
pub(super) struct Events {
    read: Growth,
    duplicates: Growth,
    skewed: Growth,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            read: Growth::over(WINDOW),
            duplicates: Growth::over(WINDOW),
            skewed: Growth::over(WINDOW),
        }
    }
}

impl Events {
    pub fn conditions(&mut self, ledger: &Totals, now: Timestamp) -> Vec<Condition> {
        let read = self.read.note(ledger.events, now);
        let duplicates = self.duplicates.note(ledger.duplicates, now);
        let skewed = self.skewed.note(ledger.skewed, now);
        let mut conditions = Vec::new();
        if duplicates >= SOME && duplicates > read {
            conditions.push(
                Condition::new(
                    Kind::EventsDuplicated,
                    "",
                    format!("{duplicates} duplicates were dropped, beside {read} other events."),
                )
                .with("duplicates", duplicates)
                .with("events", read),
            );
        }
        if skewed > 0 {
            conditions.push(
                Condition::new(
                    Kind::ClockSkewed,
                    "",
                    format!("{skewed} events have times that cannot be true."),
                )
                .with("events", skewed),
            );
        }
        conditions
    }
}
