//! The state of one list's file.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use wardline_files::Stamp;
use wardline_text::chain_with_hint;

use super::list::List;
use super::load::{LoadError, Reader, Report};
use super::status::{InForce, ListStatus};

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
pub(super) struct InUse {
    pub list: Arc<List>,
    pub report: Report,
    pub settings: Settings,
    pub since: Timestamp,
    pub reminded: Option<Timestamp>,
}

/// The state of one file.
#[derive(Default)]
pub(super) struct Known {
    pub name: String,
    pub kind: String,
    pub description: String,
    pub stamps: (Option<Stamp>, Option<Stamp>),
    pub in_use: Option<InUse>,
    pub failure: Option<LoadError>,
}

impl Known {
    /// Returns whether the files are certainly unchanged, and the time makes no difference
    /// either.
    pub fn is_surely(&self, stamps: (Option<Stamp>, Option<Stamp>), now: Timestamp) -> bool {
        let is_due = |in_use: &InUse| in_use.report.changes_at.is_some_and(|at| at <= now);
        let may_differ = match self.failure {
            // The cause of this failure may be elsewhere.
            Some(LoadError::Taken { .. } | LoadError::File(_)) => true,
            _ => self.in_use.as_ref().is_some_and(is_due),
        };
        stamps == self.stamps
            && !may_differ
            && stamps.0.is_some_and(|stamp| !stamp.is_young())
            && stamps.1.is_none_or(|stamp| !stamp.is_young())
    }

    /// Records that the file was rewritten with the same content, so that the list has its new
    /// age.
    pub fn renew(&mut self) {
        self.failure = None;
        if let (Some(in_use), Some(stamp)) = (&mut self.in_use, self.stamps.0) {
            in_use.report.modified = Timestamp::try_from(stamp.modified()).ok();
        }
    }

    /// Returns the list's age and limit if it is stale and was not reported during the last
    /// day.
    pub fn remind(&mut self, now: Timestamp) -> Option<(Duration, Duration)> {
        let in_use = self.in_use.as_mut()?;
        let Some(age) = in_use.stale(now) else {
            in_use.reminded = None;
            return None;
        };
        let was_said = in_use
            .reminded
            .is_some_and(|said| now.duration_since(said).unsigned_abs() < REMINDER);
        if was_said {
            return None;
        }
        in_use.reminded = Some(now);
        Some((age, in_use.settings.stale_after))
    }

    /// Returns the status for operators.
    pub fn status(&self, path: &Path, now: Timestamp) -> ListStatus {
        ListStatus {
            name: self.name.clone(),
            kind: self.kind.clone(),
            path: path.display().to_string(),
            description: self.description.clone(),
            in_force: self.in_use.as_ref().map(|in_use| in_use.status(now)),
            failure: self.failure.as_ref().map(chain_with_hint),
        }
    }
}

impl InUse {
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

    fn status(&self, now: Timestamp) -> InForce {
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
}
