//! The rules in force.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::rule::Rule;
use crate::{Finding, Suppression};

/// A file in the directory.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// The file's name.
    pub name: String,
    /// SHA-256 of its text, in hexadecimal; empty if it cannot be read.
    pub digest: String,
    /// The rules; if `failure` is set, the rules of the last valid version.
    pub rules: Vec<Arc<Rule>>,
    /// The reason why the latest version is not in force.
    pub failure: Option<String>,
}

/// The rules of a directory, by file and in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    /// The files, sorted by name.
    pub files: Vec<RuleFile>,
    /// The reason why the directory cannot be read; if set, the previous rules stay in force.
    pub failure: Option<String>,
}

impl RuleSet {
    /// Returns all rules with their files, in the order in which they are applied.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleFile, &Arc<Rule>)> {
        self.files
            .iter()
            .flat_map(|file| file.rules.iter().map(move |rule| (file, rule)))
    }

    /// Returns the first rule that suppresses a finding.
    #[must_use]
    pub fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        let time: Option<Timestamp> = finding.time.parse().ok();
        let mut in_force = self
            .rules()
            .map(|(_, rule)| rule)
            .filter(|rule| rule.is_in_force(time))
            .peekable();
        in_force.peek()?;
        // A finding contains only plain values, which always serialize.
        let value: Value = serde_json::to_value(finding).ok()?;
        in_force
            .find(|rule| rule.holds(&value))
            .map(|rule| rule.suppression())
    }
}
