//! Turns occurrences of findings into the findings to write.

use std::sync::Arc;

use wardline_finding::lifecycle::{OpenFindings, Settings, Updates, Usage, Written};
use wardline_finding::suppress::{Matches, RuleSet, Rules};
use wardline_finding::{Finding, Status};
use wardline_store::{Store, StoreError};

use crate::config::Config;
use crate::pipeline::FindingCounts;

/// The beginning of the ids of the host's own findings in the store.
const OWN: &str = "health/";

/// The open findings and the suppression rules that apply to them.
pub(super) struct Findings {
    open: OpenFindings,
    /// Findings of the host about itself. Their times are the host's, which may be far from those of
    /// the events that are read, so that they must not end other findings.
    own: OpenFindings,
    rules: Rules,
    matches: Matches,
    counts: FindingCounts,
}

impl Findings {
    /// Continues from the saved open findings. New findings are written at once, and repeated ones
    /// at the update interval.
    pub fn restore(config: &Config, rules: Rules, store: &Store) -> Result<Self, StoreError> {
        let settings = Settings {
            updates: Updates::Every(config.findings.update_interval),
            retention: Some(config.findings.retention),
            ..limits(config)
        };
        let (mut saved, mut saved_own) = (Vec::new(), Vec::new());
        for (id, bytes) in store.open_findings()? {
            match id.strip_prefix(OWN) {
                Some(id) => saved_own.push((id.to_owned(), bytes)),
                None => saved.push((id, bytes)),
            }
        }
        let (open, unreadable) = OpenFindings::restore(settings, saved);
        let (own, unreadable_own) = OpenFindings::restore(settings, saved_own);
        let unreadable = unreadable + unreadable_own;
        if unreadable > 0 {
            tracing::warn!(
                unreadable,
                "saved open findings are unreadable; further occurrences start new findings"
            );
        }
        Ok(Self::new(open, own, rules))
    }

    /// Starts empty; each finding is written once, at the end.
    pub fn at_end(config: &Config, rules: Rules) -> Self {
        let table = || OpenFindings::new(limits(config));
        Self::new(table(), table(), rules)
    }

    fn new(open: OpenFindings, own: OpenFindings, rules: Rules) -> Self {
        Self {
            open,
            own,
            rules,
            matches: Matches::default(),
            counts: FindingCounts::default(),
        }
    }

    /// Adds occurrences, and returns the findings to write now.
    pub fn take(&mut self, occurrences: Vec<Finding>) -> Vec<Written> {
        self.add(occurrences, false)
    }

    /// Adds occurrences of findings of the host about itself, and returns the findings to write now.
    pub fn take_own(&mut self, occurrences: Vec<Finding>) -> Vec<Written> {
        self.add(occurrences, true)
    }

    fn add(&mut self, occurrences: Vec<Finding>, is_own: bool) -> Vec<Written> {
        let rules = self.rules.read();
        let matches = &mut self.matches;
        let table = if is_own {
            &mut self.own
        } else {
            &mut self.open
        };
        let mut written = Vec::new();
        for occurrence in occurrences {
            table.take(
                occurrence,
                &mut |finding| {
                    let suppression = rules.suppression(finding)?;
                    matches.note(&suppression.rule, finding);
                    Some(suppression)
                },
                &mut written,
            );
        }
        self.count(&written);
        written
    }

    /// Returns each occurrence as a finding, without aggregation.
    pub fn pass(&mut self, occurrences: Vec<Finding>) -> Vec<Written> {
        let rules = self.rules.read();
        let written: Vec<Written> = occurrences
            .into_iter()
            .map(|mut finding| {
                finding.suppression = rules.suppression(&finding);
                if let Some(suppression) = &finding.suppression {
                    self.matches.note(&suppression.rule, &finding);
                    finding.status = Status::Suppressed;
                }
                Written {
                    finding,
                    is_update: false,
                }
            })
            .collect();
        self.count(&written);
        written
    }

    /// Returns all pending updates.
    pub fn flush(&mut self) -> Vec<Written> {
        let mut written = Vec::new();
        self.open.flush(&mut written);
        self.own.flush(&mut written);
        self.count(&written);
        written
    }

    /// Returns true if updates are pending.
    pub fn is_waiting(&self) -> bool {
        self.open.is_waiting() || self.own.is_waiting()
    }

    /// Takes the changes that the store must save.
    pub fn take_changes(&mut self) -> Vec<(String, Option<Vec<u8>>)> {
        let own = self.own.take_changes().into_iter();
        let own = own.map(|(id, change)| (format!("{OWN}{id}"), change));
        self.open.take_changes().into_iter().chain(own).collect()
    }

    /// The number and size of open findings.
    pub fn usage(&self) -> Usage {
        self.open.usage()
    }

    /// The number of findings written since the host started.
    pub fn counts(&self) -> FindingCounts {
        FindingCounts {
            suppressed_occurrences: self.matches.total(),
            ..self.counts
        }
    }

    /// The matches of each existing rule.
    pub fn matches(&self, rules: &RuleSet) -> Matches {
        let mut matches = self.matches.clone();
        matches.retain(rules);
        matches
    }

    /// The rules in force.
    pub fn rules(&self) -> Arc<RuleSet> {
        self.rules.read()
    }

    fn count(&mut self, written: &[Written]) {
        for one in written {
            let counter = match (one.is_update, one.finding.status) {
                (true, _) => &mut self.counts.updates,
                (false, Status::Active) => &mut self.counts.new_findings,
                (false, Status::Suppressed) => &mut self.counts.suppressed_findings,
            };
            *counter += 1;
        }
    }
}

/// The limits, with all findings written at the end.
fn limits(config: &Config) -> Settings {
    Settings {
        updates: Updates::AtEnd,
        retention: None,
        entries: config.findings.open_limit,
        bytes: config.findings.open_bytes,
    }
}
