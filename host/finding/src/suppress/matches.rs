//! How often each rule suppressed something.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RuleSet;
use crate::Finding;

/// What one rule did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatches {
    /// Occurrences that it suppressed.
    pub count: u64,
    /// When the newest of them happened, RFC 3339.
    pub last: String,
}

/// What each rule did, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches(BTreeMap<String, RuleMatches>);

impl Matches {
    /// Counts an occurrence that a rule suppressed.
    pub fn note(&mut self, rule: &str, finding: &Finding) {
        let matches = self.0.entry(rule.to_owned()).or_default();
        matches.count += 1;
        matches.last.clone_from(&finding.time);
    }

    /// What a rule did.
    #[must_use]
    pub fn of(&self, rule: &str) -> RuleMatches {
        self.0.get(rule).cloned().unwrap_or_default()
    }

    /// Forgets rules that are gone.
    pub fn retain(&mut self, set: &RuleSet) {
        self.0
            .retain(|name, _| set.rules().any(|(_, rule)| rule.name == *name));
    }

    /// Occurrences that any rule suppressed.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().map(|matches| matches.count).sum()
    }
}
