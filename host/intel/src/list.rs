//! One intel list.

use super::entry::{Counts, Entries};

/// The kind of list that exempts its entries from all other kinds.
pub(super) const TRUSTED: &str = "trusted";

/// A list in force. It is immutable.
#[derive(Debug)]
pub struct List {
    /// The name used by detectors and findings.
    pub name: String,
    /// `trusted`, `threat`, `threat-feed`, `tor`, or a kind of the operator's own.
    pub kind: String,
    /// The entries of the list.
    pub entries: Entries,
}

impl List {
    /// Returns whether entries of this list are exempt from lists of other kinds.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.kind == TRUSTED
    }
}

/// The difference between a list and its earlier version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The number of new entries.
    pub added: usize,
    /// The number of removed entries.
    pub removed: usize,
    /// The number of entries now.
    pub counts: Counts,
}

impl Change {
    /// Compares a list with its earlier version, if there is one.
    #[must_use]
    pub fn between(before: Option<&List>, after: &List) -> Self {
        let counts = after.entries.counts();
        let had = before.map_or(0, |before| before.entries.counts().all());
        let kept = before.map_or(0, |before| before.entries.in_common(&after.entries));
        Self {
            added: counts.all().saturating_sub(kept),
            removed: had.saturating_sub(kept),
            counts,
        }
    }
}
