//! What operators see of the rules.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Matches, RuleMatches, RuleSet, RuleState};

/// One file of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    pub digest: String,
    /// Why its newest content is not used.
    pub failure: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// Its name.
    pub name: String,
    /// Its file's name.
    pub file: String,
    /// Whether it is in force now.
    pub state: RuleState,
    /// Who answers for it.
    pub owner: String,
    /// Why it is there.
    pub reason: String,
    /// When it was written, as the file says.
    pub created: Option<String>,
    /// When it ends, RFC 3339.
    pub expires: Option<String>,
    /// What its owner should think about.
    pub warnings: Vec<String>,
    /// What it suppressed since the host started.
    pub matches: RuleMatches,
}

/// All rules, in the order in which they are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuppressionReport {
    /// Why the directory cannot be read.
    pub failure: Option<String>,
    /// By name.
    pub files: Vec<FileReport>,
    /// By file.
    pub rules: Vec<RuleReport>,
}

impl SuppressionReport {
    /// Where the rules stand at a moment.
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
