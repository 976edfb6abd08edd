//! When findings are written, and how many are kept open.

use std::time::Duration;

/// When a finding is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// At its first occurrence, and while it goes on again after this long; nothing means
    /// at each occurrence.
    Every(Duration),
    /// Once, when there are no more events.
    AtEnd,
}

/// What the table of open findings may do and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// When findings are written.
    pub updates: Updates,
    /// A finding ends when it did not happen for this long. The same thing is new after
    /// that. None: it never ends.
    pub retention: Option<Duration>,
    /// Most findings that are open; at least one.
    pub entries: usize,
    /// Most bytes that they take together, about.
    pub bytes: usize,
}
