//! What happens to rules while the host runs.

use super::RuleError;

/// What came of a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleEvent {
    /// The rules of a file are in force.
    Loaded {
        /// The file's name.
        file: String,
        /// SHA-256 of its text, in hexadecimal.
        digest: String,
        /// Each rule's name and owner.
        rules: Vec<(String, String)>,
        /// Whether the file had rules before.
        replaced: bool,
    },
    /// A file cannot be used.
    Refused {
        /// The file's name.
        file: String,
        /// Why.
        error: RuleError,
        /// How many rules that it had before stay in force.
        older_in_force: usize,
    },
    /// A file is gone, and its rules with it.
    Removed {
        /// The file's name.
        file: String,
        /// The names of its rules.
        rules: Vec<String>,
    },
    /// The time of a rule is over.
    Expired {
        /// Its name.
        rule: String,
        /// Who answers for it.
        owner: String,
    },
    /// The directory cannot be read; the rules stay in force.
    Unreadable(String),
    /// It can be read again.
    Readable,
}
