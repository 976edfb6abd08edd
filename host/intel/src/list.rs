//! One list.

use super::entry::{Counts, Entries};

/// The kind of list whose entries are on no other.
pub(super) const TRUSTED: &str = "trusted";

/// A list that is in force. It does not change while it is used.
#[derive(Debug)]
pub struct List {
    /// How detectors and findings name it.
    pub name: String,
    /// `trusted`, `threat`, `threat-feed`, `tor`, or one of the operator's own.
    pub kind: String,
    /// What is on it.
    pub entries: Entries,
}

impl List {
    /// Whether what is on it is on no list of another kind.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.kind == TRUSTED
    }
}

/// How a list differs from the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Entries that are new.
    pub added: usize,
    /// Entries that are gone.
    pub removed: usize,
    /// What is on it now.
    pub counts: Counts,
}

impl Change {
    /// From nothing, or another version, to a list.
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
