//! All rules that are in force together.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::Rule;
use crate::{Finding, Suppression};

/// One file of the directory.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal; empty if it was never read.
    pub digest: String,
    /// Its rules; if `failure` says what is wrong with the file, those that it had before.
    pub rules: Vec<Arc<Rule>>,
    /// Why its newest content is not used.
    pub failure: Option<String>,
}

/// The rules of a directory, by file and in the order in which they stand there.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// By name.
    pub files: Vec<RuleFile>,
    /// Why the directory cannot be read. The rules are those that were there before.
    pub failure: Option<String>,
}

impl RuleSet {
    /// All rules with their files, in the order in which they are asked.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleFile, &Arc<Rule>)> {
        self.files
            .iter()
            .flat_map(|file| file.rules.iter().map(move |rule| (file, rule)))
    }

    /// The first rule that suppresses a finding as it stands.
    #[must_use]
    pub fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        let time: Option<Timestamp> = finding.time.parse().ok();
        let mut in_force = self
            .rules()
            .map(|(_, rule)| rule)
            .filter(|rule| rule.is_in_force(time))
            .peekable();
        in_force.peek()?;
        // Findings are plain values.
        let value: Value = serde_json::to_value(finding).ok()?;
        in_force
            .find(|rule| rule.holds(&value))
            .map(|rule| rule.suppression())
    }
}
