//! The directory of rules, read again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use super::file::{list, read};
use super::{Rule, RuleError, RuleEvent, RuleFile, RuleSet, RuleState, parse};

/// Rules of all files.
const RULES: usize = 2000;

/// The newest rules, for all threads.
#[derive(Clone, Default)]
pub struct Rules(Arc<RwLock<Arc<RuleSet>>>);

impl Rules {
    /// These rules.
    #[must_use]
    pub fn new(set: RuleSet) -> Self {
        let rules = Self::default();
        rules.put(set);
        rules
    }

    /// The newest.
    #[must_use]
    pub fn read(&self) -> Arc<RuleSet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, set: RuleSet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
    }
}

/// Looks at the directory. Every file is read at every look: they are few and small, and
/// no change can be missed because a file system's clock is coarse.
pub struct RuleDirectory {
    path: PathBuf,
    files: BTreeMap<String, Known>,
    failure: Option<String>,
    /// The names of rules that were said to have expired.
    expired: BTreeSet<String>,
    rules: Rules,
}

#[derive(Default)]
struct Known {
    digest: String,
    rules: Vec<Arc<Rule>>,
    failure: Option<RuleError>,
}

impl RuleDirectory {
    /// Of which nothing is known before the first look.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            files: BTreeMap::new(),
            failure: None,
            expired: BTreeSet::new(),
            rules: Rules::default(),
        }
    }

    /// Where the newest rules are found from now on.
    #[must_use]
    pub fn rules(&self) -> Rules {
        self.rules.clone()
    }

    /// Puts what has changed in force, and says what that was.
    pub fn look(&mut self, now: Timestamp) -> Vec<RuleEvent> {
        let mut events = Vec::new();
        match list(&self.path) {
            Err(error) => {
                let failure = format!("cannot read {}: {error}", self.path.display());
                if self.failure.as_ref() != Some(&failure) {
                    events.push(RuleEvent::Unreadable(failure.clone()));
                }
                self.failure = Some(failure);
            }
            Ok(names) => {
                if self.failure.take().is_some() {
                    events.push(RuleEvent::Readable);
                }
                self.update(&names, &mut events);
            }
        }
        if !events.is_empty() {
            self.rules.put(self.set());
        }
        self.say_expired(now, &mut events);
        events
    }

    fn say_expired(&mut self, now: Timestamp, events: &mut Vec<RuleEvent>) {
        let expired: BTreeMap<&str, &str> = self
            .files
            .values()
            .flat_map(|known| &known.rules)
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

    fn update(&mut self, names: &[String], events: &mut Vec<RuleEvent>) {
        let gone: Vec<String> = self
            .files
            .keys()
            .filter(|name| !names.contains(name))
            .cloned()
            .collect();
        for file in gone {
            let known = self.files.remove(&file).unwrap_or_default();
            let rules = known.rules.iter().map(|rule| rule.name.clone()).collect();
            events.push(RuleEvent::Removed { file, rules });
        }
        for file in names {
            self.update_file(file, events);
        }
    }

    fn update_file(&mut self, file: &str, events: &mut Vec<RuleEvent>) {
        let (digest, outcome) = match read(&self.path.join(file)) {
            Ok((_, digest)) if self.is_known(file, &digest) => return,
            Ok((text, digest)) => {
                let rules = parse::rules(file, &text).and_then(|rules| self.admit(file, rules));
                (Some(digest), rules)
            }
            Err(error) => (None, Err(error)),
        };
        let known = self.files.entry(file.to_owned()).or_default();
        if let Some(digest) = digest {
            known.digest = digest;
        }
        match outcome {
            Ok(rules) => {
                events.push(RuleEvent::Loaded {
                    file: file.to_owned(),
                    digest: known.digest.clone(),
                    rules: rules
                        .iter()
                        .map(|rule| (rule.name.clone(), rule.owner.clone()))
                        .collect(),
                    replaced: !known.rules.is_empty(),
                });
                known.rules = rules.into_iter().map(Arc::new).collect();
                known.failure = None;
            }
            Err(error) => {
                if known.failure.as_ref() != Some(&error) {
                    events.push(RuleEvent::Refused {
                        file: file.to_owned(),
                        error: error.clone(),
                        older_in_force: known.rules.len(),
                    });
                }
                known.failure = Some(error);
            }
        }
    }

    /// Whether nothing else can come of a file than what came of it before.
    fn is_known(&self, file: &str, digest: &str) -> bool {
        self.files.get(file).is_some_and(|known| {
            known.digest == digest
                && matches!(known.failure, None | Some(RuleError::Invalid { .. }))
        })
    }

    /// Whether rules can stand beside those of the other files.
    fn admit(&self, file: &str, rules: Vec<Rule>) -> Result<Vec<Rule>, RuleError> {
        let others = || {
            self.files
                .iter()
                .filter(|(other, _)| *other != file)
                .flat_map(|(other, known)| known.rules.iter().map(move |rule| (other, rule)))
        };
        if others().count() + rules.len() > RULES {
            return Err(RuleError::TooMany { limit: RULES });
        }
        for rule in &rules {
            if let Some((other, _)) = others().find(|(_, taken)| taken.name == rule.name) {
                return Err(RuleError::Taken {
                    rule: rule.name.clone(),
                    other: other.clone(),
                });
            }
        }
        Ok(rules)
    }

    fn set(&self) -> RuleSet {
        RuleSet {
            files: self
                .files
                .iter()
                .map(|(name, known)| RuleFile {
                    name: name.clone(),
                    digest: known.digest.clone(),
                    rules: known.rules.clone(),
                    failure: known.failure.as_ref().map(ToString::to_string),
                })
                .collect(),
            failure: self.failure.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
