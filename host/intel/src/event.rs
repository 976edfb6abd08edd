//! Events of loading intel lists.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wardline_files::DirectoryError;

use super::list::Change;
use super::lists::Intel;
use super::load::{LoadError, Report};

/// A result of checking the files, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListEvent {
    /// A list was put into force.
    Loaded {
        /// The name of the list.
        name: String,
        /// The kind of the list.
        kind: String,
        /// Whether it replaced an earlier version.
        replaced: bool,
        /// The difference to the earlier version.
        change: Change,
        /// Details of the file.
        report: Box<Report>,
    },
    /// A file is not a valid list; an earlier version, if there is one, stays in force.
    Refused {
        /// The name of the list.
        name: String,
        /// The path of the file.
        path: PathBuf,
        /// The error.
        error: LoadError,
        /// Whether an earlier version is in force.
        older_in_force: bool,
    },
    /// The file was removed, and with it the list.
    Removed {
        /// The name of the list.
        name: String,
        /// The number of entries that it had.
        entries: usize,
    },
    /// A list is older than its limit. Reported once a day.
    Stale {
        /// The name of the list.
        name: String,
        /// The age of the file.
        age: Duration,
        /// The maximum age.
        limit: Duration,
    },
    /// The directory cannot be read; all lists stay in force.
    Unreadable(DirectoryError),
    /// The directory can be read again.
    Readable,
}

/// The results of checking the files once.
#[derive(Debug, Default)]
pub struct Look {
    /// Events for logs and metrics.
    pub events: Vec<ListEvent>,
    /// The lists in force from now on, if they changed.
    pub lists: Option<Arc<Intel>>,
}
