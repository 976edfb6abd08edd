//! The part of reloading that is specific to suppression rules.

use std::path::Path;
use std::sync::Arc;

use wardline_files::reconcile::{
    Change, Files, Handler, Item, Listing, Location, Part, SizeLimits, Table, Tracked,
};
use wardline_files::{FileError, Purpose};

use super::error::RuleError;
use super::event::RuleEvent;
use super::file::FILE_BYTES;
use super::parse;
use super::rule::Rule;

/// The maximum number of rules in all files.
const MAX_RULES: usize = 2000;

const RULES: Purpose = Purpose {
    directory: "the directory of suppression rules",
    contents: "rules",
};

/// One check of the directory.
pub(super) struct RuleHandler<'d> {
    pub path: &'d Path,
    pub events: Vec<RuleEvent>,
}

type Rules = Vec<Arc<Rule>>;
type RuleTable = Table<String, Rules, RuleError>;

impl Handler for RuleHandler<'_> {
    type Key = String;
    type Value = Rules;
    type Failure = RuleError;

    fn list(&mut self) -> Listing<String> {
        Listing::of_directory(RULES, self.path, |name| {
            let item = Item::new(Location::Inside(name.clone()));
            name.ends_with(".toml").then_some((name, item))
        })
    }

    fn limits(&self) -> SizeLimits {
        SizeLimits {
            file: FILE_BYTES,
            settings: 0,
        }
    }

    fn unreadable(&self, _: Part, error: FileError) -> RuleError {
        RuleError::File(error)
    }

    fn is_due(&self, tracked: &Tracked<Rules, RuleError>, table: &RuleTable) -> bool {
        match tracked.failure() {
            Some(RuleError::Taken { rule, other }) => table
                .get(other)
                .and_then(Tracked::value)
                .is_none_or(|rules| rules.iter().all(|taken| taken.name != *rule)),
            Some(RuleError::TooMany { .. }) => true,
            _ => false,
        }
    }

    fn load(
        &mut self,
        file: &String,
        files: Files,
        table: &RuleTable,
    ) -> Result<Option<Rules>, RuleError> {
        let text = files.file.into_text(file).map_err(RuleError::File)?;
        let rules = parse::rules(file, &text)?;
        admit(file, &rules, table)?;
        Ok(Some(rules.into_iter().map(Arc::new).collect()))
    }

    fn report(&mut self, change: Change<'_, String, Rules, RuleError>, table: &RuleTable) {
        let event = match change {
            Change::Loaded { key, before } => {
                let tracked = table.get(key);
                RuleEvent::Loaded {
                    file: key.clone(),
                    digest: tracked
                        .and_then(Tracked::digest)
                        .unwrap_or_default()
                        .to_owned(),
                    rules: tracked
                        .and_then(Tracked::value)
                        .into_iter()
                        .flatten()
                        .map(|rule| (rule.name.clone(), rule.owner.clone()))
                        .collect(),
                    replaced: before.is_some_and(|rules| !rules.is_empty()),
                }
            }
            Change::Refused { key, failure } => RuleEvent::Refused {
                file: key.clone(),
                error: failure.clone(),
                older_in_force: table.get(key).and_then(Tracked::value).map_or(0, Vec::len),
            },
            Change::Removed { key, value } => RuleEvent::Removed {
                file: key.clone(),
                rules: value
                    .iter()
                    .flatten()
                    .map(|rule| rule.name.clone())
                    .collect(),
            },
            // A file without rules is in force like any other.
            Change::TurnedOff { .. } => return,
            Change::Unreadable(failure) => RuleEvent::Unreadable(failure.clone()),
            Change::Readable => RuleEvent::Readable,
        };
        self.events.push(event);
    }
}

/// Checks that rules can be in force together with those of the other files.
fn admit(file: &str, rules: &[Rule], table: &RuleTable) -> Result<(), RuleError> {
    let others = || {
        table
            .iter()
            .filter(|(other, _)| *other != file)
            .flat_map(|(other, tracked)| {
                let rules = tracked.value().into_iter().flatten();
                rules.map(move |rule| (other, rule))
            })
    };
    if others().count() + rules.len() > MAX_RULES {
        return Err(RuleError::TooMany { limit: MAX_RULES });
    }
    for rule in rules {
        if let Some((other, _)) = others().find(|(_, taken)| taken.name == rule.name) {
            return Err(RuleError::Taken {
                rule: rule.name.clone(),
                other: other.clone(),
            });
        }
    }
    Ok(())
}
