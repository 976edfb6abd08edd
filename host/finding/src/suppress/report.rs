//! The status of the rules, for operators.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::matches::{Matches, RuleMatches};
use super::rule::RuleState;
use super::set::RuleSet;

/// The status of a file of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The file's name.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal.
    pub digest: String,
    /// The reason why the latest version is not in force.
    pub failure: Option<String>,
}

/// The status of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule's name.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// The state of the rule now.
    pub state: RuleState,
    /// The person or team responsible for it.
    pub owner: String,
    /// The reason for it.
    pub reason: String,
    /// The creation date, as given in the file.
    pub created: Option<String>,
    /// The time at which it expires (RFC 3339).
    pub expires: Option<String>,
    /// Advice for the rule's owner.
    pub warnings: Vec<String>,
    /// Occurrences suppressed since the host started.
    pub matches: RuleMatches,
}

/// The status of all rules, in the order in which they are applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionReport {
    /// The reason why the directory cannot be read.
    pub failure: Option<String>,
    /// The files, sorted by name.
    pub files: Vec<FileReport>,
    /// The rules, by file.
    pub rules: Vec<RuleReport>,
}

impl SuppressionReport {
    /// Creates the report for a point in time.
    #[must_use]
    pub fn new(set: &RuleSet, matches: &Matches, now: Timestamp) -> Self {
        Self {
            failure: set.failure.clone(),
            files: set
                .files
                .iter()
                .map(|file| FileReport {
                    name: file.name.clone(),
                    digest: file.digest.clone(),
                    failure: file.failure.clone(),
                })
                .collect(),
            rules: set
                .rules()
                .map(|(file, rule)| RuleReport {
                    name: rule.name.clone(),
                    file: file.name.clone(),
                    state: rule.state(now),
                    owner: rule.owner.clone(),
                    reason: rule.reason.clone(),
                    created: rule.created.clone(),
                    expires: rule.expires.map(|end| end.to_string()),
                    warnings: rule.warnings(now),
                    matches: matches.of(&rule.name),
                })
                .collect(),
        }
    }
}
