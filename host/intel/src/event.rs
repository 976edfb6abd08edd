//! What becomes of lists.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::directory::DirectoryError;
use super::list::Change;
use super::lists::Intel;
use super::load::{LoadError, Report};

/// What a look at the files led to, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEvent {
    /// A list was put in force.
    Loaded {
        /// The list.
        name: String,
        /// Its kind.
        kind: String,
        /// Whether it replaced another version of itself.
        replaced: bool,
        /// How it differs from what was in force.
        change: Change,
        /// What was read.
        report: Box<Report>,
    },
    /// A file is no list; an older version, if there is one, stays in force.
    Refused {
        /// The list.
        name: String,
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        error: LoadError,
        /// Whether an older version is in force.
        older_in_force: bool,
    },
    /// The file is gone, and with it the list.
    Removed {
        /// The list.
        name: String,
        /// Entries that it had.
        entries: usize,
    },
    /// A list is older than it should be. It is said once a day.
    Stale {
        /// The list.
        name: String,
        /// How old its file is.
        age: Duration,
        /// How old it may be.
        limit: Duration,
    },
    /// The directory cannot be read; all lists stay in force.
    Unreadable(DirectoryError),
    /// It can be read again.
    Readable,
}

/// What a look at the files led to.
#[derive(Debug, Default)]
pub struct Look {
    /// For logs and metrics.
    pub events: Vec<ListEvent>,
    /// The lists that are in force from now on, if they are others than before.
    pub lists: Option<Arc<Intel>>,
}
