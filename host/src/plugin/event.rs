//! Changes of the detectors in force.

use wardline_files::DirectoryError;

use super::load::LoadError;

/// A change found by a check of the files, for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoaderEvent {
    /// A version came into force.
    Loaded {
        /// The file.
        file: String,
        /// The detector's name.
        name: String,
        /// Its version.
        version: String,
        /// SHA-256 of the file.
        digest: String,
        /// Whether it replaced another version of the file.
        replaced: bool,
        /// Time spent on compiling, in milliseconds.
        compile_milliseconds: u64,
    },
    /// A step failed; an older version of the file, if there is one, stays in force.
    Refused {
        /// The file.
        file: String,
        /// The step that failed, and the reason.
        error: LoadError,
        /// Whether an older version is in force.
        older_at_work: bool,
    },
    /// The file was removed, and its detector with it.
    Removed {
        /// The file.
        file: String,
    },
    /// The operator turned the detector off.
    Disabled {
        /// The file.
        file: String,
    },
    /// Some subscriptions of a detector, or all, cannot match.
    Unreached {
        /// The file.
        file: String,
        /// Whether no event can reach the detector.
        is_idle: bool,
        /// The reason.
        reason: String,
    },
    /// All subscriptions of a detector for which that was not so can match.
    Reached {
        /// The file.
        file: String,
    },
    /// The directory cannot be read; all detectors stay in force.
    Unreadable(DirectoryError),
    /// The directory can be read again.
    Readable,
}
