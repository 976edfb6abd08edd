//! Reports suppression rules to metrics and the log.

use std::collections::BTreeMap;

use wardline_finding::suppress::{Matches, RuleEvent, RuleSet, RuleState};
use wardline_telemetry::Metrics;

/// Updates the metrics of the rules.
pub(in crate::app) fn suppression(metrics: &Metrics, rules: &RuleSet, matches: &Matches) {
    let now = jiff::Timestamp::now();
    let mut states: BTreeMap<&str, u64> = RuleState::ALL
        .iter()
        .map(|state| (state.as_str(), 0))
        .collect();
    for (_, rule) in rules.rules() {
        *states.entry(rule.state(now).as_str()).or_default() += 1;
        metrics.suppressed(&rule.name, matches.of(&rule.name).count);
    }
    let broken = rules.files.iter().filter(|file| file.failure.is_some());
    metrics.suppression_rules(&states, broken.count());
}

/// Reports a change of the rules; such a change could be an attempt to hide an attack.
pub(in crate::app) fn rules(metrics: &Metrics, event: &RuleEvent) {
    match event {
        RuleEvent::Loaded {
            file,
            digest,
            rules,
            replaced,
        } => {
            metrics.rules_changed();
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
            metrics.rules_refused();
            tracing::error!(%file, older_in_force, "suppression rules refused: {error}");
        }
        RuleEvent::Removed { file, rules } => {
            metrics.rules_changed();
            tracing::warn!(%file, rules = rules.join(", "), "suppression rules removed");
        }
        RuleEvent::Expired { rule, owner } => {
            tracing::warn!(%rule, %owner, "a suppression rule has expired and no longer hides findings");
        }
        RuleEvent::Unreadable(error) => {
            tracing::error!("{error} (the suppression rules in force are kept)");
        }
        RuleEvent::Readable => {
            tracing::info!("the directory of suppression rules is readable again")
        }
    }
}
