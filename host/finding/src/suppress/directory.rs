//! The directory of rules, and the rules in force.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use wardline_files::Latest;
use wardline_files::reconcile::{Reconciler, Tracked};
use wardline_text::{chain, chain_with_hint};

use super::error::RuleError;
use super::event::RuleEvent;
use super::handler::RuleHandler;
use super::rule::{Rule, RuleState};
use super::set::{RuleFile, RuleSet};

/// The latest rules, for all threads.
pub type Rules = Latest<RuleSet>;

/// Keeps the rules in force equal to the files of a directory.
pub struct RuleDirectory {
    path: PathBuf,
    reconciler: Reconciler<String, Vec<Arc<Rule>>, RuleError>,
    /// The names of rules that were reported as expired.
    expired: BTreeSet<String>,
    rules: Rules,
}

impl RuleDirectory {
    /// Creates a directory without rules, until the first check.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            reconciler: Reconciler::default(),
            expired: BTreeSet::new(),
            rules: Rules::default(),
        }
    }

    /// Returns the rules in force, which each check updates.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules.clone()
    }

    /// Checks the directory, puts what has changed into force, and returns the changes.
    pub fn look(&mut self, now: Timestamp) -> Vec<RuleEvent> {
        let mut handler = RuleHandler {
            path: &self.path,
            events: Vec::new(),
        };
        self.reconciler.check(&mut handler);
        let mut events = handler.events;
        if !events.is_empty() {
            self.rules.write(self.set());
        }
        self.report_expired(now, &mut events);
        events
    }

    fn report_expired(&mut self, now: Timestamp, events: &mut Vec<RuleEvent>) {
        let expired: BTreeMap<&str, &str> = self
            .reconciler
            .table()
            .values()
            .filter_map(Tracked::value)
            .flatten()
            .filter(|rule| rule.state(now) == RuleState::Expired)
            .map(|rule| (rule.name.as_str(), rule.owner.as_str()))
            .collect();
        self.expired
            .retain(|name| expired.contains_key(name.as_str()));
        for (rule, owner) in expired {
            if self.expired.insert(rule.to_owned()) {
                events.push(RuleEvent::Expired {
                    rule: rule.to_owned(),
                    owner: owner.to_owned(),
                });
            }
        }
    }

    fn set(&self) -> RuleSet {
        RuleSet {
            files: self
                .reconciler
                .table()
                .iter()
                .map(|(name, tracked)| RuleFile {
                    name: name.clone(),
                    digest: tracked.digest().unwrap_or_default().to_owned(),
                    rules: tracked.value().cloned().unwrap_or_default(),
                    failure: tracked.failure().map(chain_with_hint),
                })
                .collect(),
            failure: self
                .reconciler
                .failure()
                .map(|error| chain(error).to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
