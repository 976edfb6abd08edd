//! When findings are written, and how many stay open.

use std::time::Duration;

/// When a finding is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// At its first occurrence, again after each interval in which it occurs, and at once if its
    /// severity rises; zero means at each occurrence.
    Every(Duration),
    /// Once, when there are no more events.
    AtEnd,
}

/// The settings and limits of the table of open findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// When findings are written.
    pub updates: Updates,
    /// The time without occurrences after which a finding ends; the next occurrence is a new
    /// finding. If `None`, findings never end.
    pub retention: Option<Duration>,
    /// The maximum number of open findings, at least one.
    pub entries: usize,
    /// The maximum estimated size of all open findings, in bytes.
    pub bytes: usize,
}
