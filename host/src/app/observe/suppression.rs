//! Suppression rules.

use std::collections::BTreeMap;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use wardline_finding::suppress::{Matches, RuleEvent, RuleSet, RuleState};
use wardline_telemetry::{Registration, RuleName};

use super::labels::Variant;
use super::set;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    rule: RuleName,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: Variant,
}

/// Events of suppression rules.
pub(in crate::app) struct SuppressionTelemetry {
    occurrences: Family<Labels, Gauge>,
    rules: Family<StateLabels, Gauge>,
    broken_files: Gauge,
    changes: Counter,
    refused: Counter,
}

impl SuppressionTelemetry {
    pub fn register(to: &mut Registration) -> Self {
        Self {
            occurrences: to.gauges(
                "suppressed_occurrences",
                "Occurrences of findings that a rule suppressed since the host started",
            ),
            rules: to.gauges("suppression_rules", "Suppression rules by state"),
            broken_files: to.gauge(
                "suppression_broken_files",
                "Files of suppression rules whose newest version is not in force",
            ),
            changes: to.counter(
                "suppression_changes",
                "Files of suppression rules that were put into force or removed",
            ),
            refused: to.counter(
                "suppression_refused",
                "Files of suppression rules that were refused",
            ),
        }
    }

    /// The rules changed, which could be an attempt to hide an attack.
    pub fn changed(&self, event: &RuleEvent) {
        match event {
            RuleEvent::Loaded {
                file,
                digest,
                rules,
                replaced,
            } => {
                self.changes.inc();
                let rules: Vec<String> = rules
                    .iter()
                    .map(|(name, owner)| format!("{name} (owner: {owner})"))
                    .collect();
                tracing::warn!(%file, %digest, replaced, rules = rules.join(", "), "suppression rules loaded");
            }
            RuleEvent::Refused {
                file,
                error,
                older_in_force,
            } => {
                self.refused.inc();
                tracing::error!(%file, older_in_force, "suppression rules refused: {error}");
            }
            RuleEvent::Removed { file, rules } => {
                self.changes.inc();
                tracing::warn!(%file, rules = rules.join(", "), "suppression rules removed");
            }
            RuleEvent::Expired { rule, owner } => {
                tracing::warn!(%rule, %owner, "a suppression rule has expired and no longer hides findings");
            }
            RuleEvent::Unreadable(error) => {
                tracing::error!("{error} (the suppression rules in force are kept)");
            }
            RuleEvent::Readable => {
                tracing::info!("the directory of suppression rules is readable again");
            }
        }
    }

    /// The number of occurrences that a rule suppressed since the host started.
    pub fn suppressed(&self, rule: &str, occurrences: u64) {
        let labels = Labels { rule: rule.into() };
        set(&self.occurrences.get_or_create(&labels), occurrences);
    }

    /// The states of all rules, and what they matched.
    pub fn rules(&self, rules: &RuleSet, matches: &Matches) {
        let now = jiff::Timestamp::now();
        let mut states: BTreeMap<RuleState, u64> =
            RuleState::ALL.iter().map(|state| (*state, 0)).collect();
        for (_, rule) in rules.rules() {
            *states.entry(rule.state(now)).or_default() += 1;
            self.suppressed(&rule.name, matches.of(&rule.name).count);
        }
        for (state, count) in states {
            let labels = StateLabels {
                state: state.into(),
            };
            set(&self.rules.get_or_create(&labels), count);
        }
        let broken = rules.files.iter().filter(|file| file.failure.is_some());
        set(&self.broken_files, broken.count() as u64);
    }
}
