//! A list in force, and its age.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wardline_files::Stamp;

use super::list::List;
use super::load::{Reader, Report};
use super::status::InForce;

/// How often a stale list is reported.
const REMINDER: Duration = Duration::from_secs(24 * 60 * 60);

/// How to read one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub kind: String,
    pub reader: Reader,
    pub stale_after: Duration,
    pub description: String,
}

/// A list in force.
pub(super) struct ActiveList {
    pub list: Arc<List>,
    pub report: Report,
    pub settings: Settings,
    pub since: Timestamp,
    /// When the list was last reported as stale.
    pub reminded: Option<Timestamp>,
}

impl ActiveList {
    /// Returns whether an indicator has become valid or invalid since the file was read.
    pub fn is_outdated(&self, now: Timestamp) -> bool {
        self.report.changes_at.is_some_and(|at| at <= now)
    }

    /// Records that the file was rewritten with the same content, so that the list has its new
    /// age.
    pub fn renew(&mut self, stamp: &Stamp) {
        self.report.modified = Timestamp::try_from(stamp.modified()).ok();
    }

    /// Returns the list's age and limit if it is stale and was not reported during the last
    /// day.
    pub fn remind(&mut self, now: Timestamp) -> Option<(Duration, Duration)> {
        let Some(age) = self.stale(now) else {
            self.reminded = None;
            return None;
        };
        let is_recent = self
            .reminded
            .is_some_and(|reminded| now.duration_since(reminded).unsigned_abs() < REMINDER);
        if is_recent {
            return None;
        }
        self.reminded = Some(now);
        Some((age, self.settings.stale_after))
    }

    /// Returns the status for operators.
    pub fn status(&self, now: Timestamp) -> InForce {
        let report = &self.report;
        InForce {
            format: report.format,
            entries: report.counts,
            bad: report.bad,
            bad_lines: report.bad_lines.clone(),
            skipped: report.skipped,
            host_bits: report.host_bits,
            digest: report.digest.clone(),
            since: self.since.to_string(),
            modified: report.modified.map(|modified| modified.to_string()),
            age_seconds: self.age(now).map(|age| age.as_secs()),
            stale: self.stale(now).is_some(),
        }
    }

    /// Returns the age of the file, or `None` if its time is unknown or in the future.
    fn age(&self, now: Timestamp) -> Option<Duration> {
        let modified = self.report.modified?;
        Duration::try_from(now.duration_since(modified)).ok()
    }

    /// Returns the age if it exceeds the limit.
    fn stale(&self, now: Timestamp) -> Option<Duration> {
        let limit = self.settings.stale_after;
        self.age(now).filter(|age| !limit.is_zero() && *age > limit)
    }
}
