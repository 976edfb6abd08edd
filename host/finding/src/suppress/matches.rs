//! Counts how often each rule suppressed a finding.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::set::RuleSet;
use crate::Finding;

/// The matches of one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatches {
    /// Number of occurrences that it suppressed.
    pub count: u64,
    /// Time of the latest suppressed occurrence (RFC 3339).
    pub last: String,
}

/// The matches of each rule, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches(BTreeMap<String, RuleMatches>);

impl Matches {
    /// Counts an occurrence that a rule suppressed.
    pub fn note(&mut self, rule: &str, finding: &Finding) {
        let matches = self.0.entry(rule.to_owned()).or_default();
        matches.count += 1;
        matches.last.clone_from(&finding.time);
    }

    /// Returns the matches of a rule.
    #[must_use]
    pub fn of(&self, rule: &str) -> RuleMatches {
        self.0.get(rule).cloned().unwrap_or_default()
    }

    /// Removes the counters of rules that no longer exist.
    pub fn retain(&mut self, set: &RuleSet) {
        self.0
            .retain(|name, _| set.rules().any(|(_, rule)| rule.name == *name));
    }

    /// Returns the number of occurrences suppressed by any rule.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().map(|matches| matches.count).sum()
    }
}
