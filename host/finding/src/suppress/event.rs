//! Changes to rules while the host runs.

use wardline_files::DirectoryError;

use super::error::RuleError;

/// A change found by a scan of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleEvent {
    /// The rules of a file came into force.
    Loaded {
        /// The file's name.
        file: String,
        /// SHA-256 of its text, in hexadecimal.
        digest: String,
        /// The name and owner of each rule.
        rules: Vec<(String, String)>,
        /// Whether the file already had rules.
        replaced: bool,
    },
    /// A file was refused.
    Refused {
        /// The file's name.
        file: String,
        /// The reason.
        error: RuleError,
        /// Number of rules of its last valid version that stay in force.
        older_in_force: usize,
    },
    /// A file was removed, and its rules with it.
    Removed {
        /// The file's name.
        file: String,
        /// The names of its rules.
        rules: Vec<String>,
    },
    /// A rule expired.
    Expired {
        /// The rule's name.
        rule: String,
        /// The person or team responsible for it.
        owner: String,
    },
    /// The directory cannot be read, and the previous rules stay in force.
    Unreadable(DirectoryError),
    /// The directory can be read again.
    Readable,
}
