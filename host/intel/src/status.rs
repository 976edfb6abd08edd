//! The status of intel lists for operators.

use serde::{Deserialize, Serialize};
use wardline_files::Latest;

use super::entry::Counts;
use super::format::{BadLine, Format};

/// The status of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListStatus {
    /// The name of the list.
    pub name: String,
    /// The kind of the list; empty if its file is not in a folder for a kind.
    pub kind: String,
    /// The path of the file.
    pub path: String,
    /// A description for people, which may be empty.
    pub description: String,
    /// The list in force, if there is one.
    pub in_force: Option<InForce>,
    /// Why the file on disk is not in force.
    pub failure: Option<String>,
}

impl ListStatus {
    /// Returns whether the list in force is stale.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.in_force.as_ref().is_some_and(|list| list.stale)
    }
}

/// A list in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// The format of the file.
    pub format: Format,
    /// The number of entries.
    pub entries: Counts,
    /// The number of invalid lines.
    pub bad: usize,
    /// The first invalid lines, at most 100.
    pub bad_lines: Vec<BadLine>,
    /// Valid indicators that cannot be entries: those of another type, and those that are
    /// revoked or not valid now.
    pub skipped: usize,
    /// Networks with host bits, which were cleared.
    pub host_bits: usize,
    /// The SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// When the list was put into force (RFC 3339).
    pub since: String,
    /// When the file was last changed (RFC 3339).
    pub modified: Option<String>,
    /// The age of the file, in seconds.
    pub age_seconds: Option<u64>,
    /// Whether the age exceeds the limit.
    pub stale: bool,
}

/// The latest status of all lists, ordered by name: written by the loader and read by others.
pub type Board = Latest<Vec<ListStatus>>;
