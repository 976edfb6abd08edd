//! What operators see of the lists.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::entry::Counts;
use super::format::{BadLine, Format};

/// Where a list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListStatus {
    /// The list's name.
    pub name: String,
    /// Its kind; empty if its file lies in no folder that says it.
    pub kind: String,
    /// Its file.
    pub path: String,
    /// For people; may be empty.
    pub description: String,
    /// What is in force, if anything is.
    pub in_force: Option<InForce>,
    /// Why what lies on disk is not in force.
    pub failure: Option<String>,
}

impl ListStatus {
    /// Whether the list in force is older than it should be.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.in_force.as_ref().is_some_and(|list| list.stale)
    }
}

/// A list in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// How its file is written.
    pub format: Format,
    /// How many entries there are.
    pub entries: Counts,
    /// How many lines are no entries.
    pub bad: usize,
    /// The first of them, at most 100.
    pub bad_lines: Vec<BadLine>,
    /// Indicators that are well written and no entries here, as those of another sort,
    /// those that are revoked, and those that are not valid now.
    pub skipped: usize,
    /// Networks with bits of the host, which are taken as zero.
    pub host_bits: usize,
    /// SHA-256 of the file that was read, in hexadecimal.
    pub digest: String,
    /// When it was put in force (RFC 3339).
    pub since: String,
    /// When the file was changed last before that (RFC 3339).
    pub modified: Option<String>,
    /// How long ago that was, in seconds.
    pub age_seconds: Option<u64>,
    /// Whether that is longer than it should be.
    pub stale: bool,
}

/// The newest status of all lists: the loader writes it, others read.
#[derive(Clone, Default)]
pub struct Board(Arc<RwLock<Arc<Vec<ListStatus>>>>);

impl Board {
    /// What was written last, in the order of the lists' names.
    #[must_use]
    pub fn read(&self) -> Arc<Vec<ListStatus>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write(&self, lists: Vec<ListStatus>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
    }
}
