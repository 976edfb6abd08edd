//! Whether sources deliver events.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use wardline_health::{Condition, Growth, Kind, Silence};
use wardline_source::SourceState;

use super::WINDOW;
use crate::pipeline::Processed;

/// Maximum number of recent gaps that are told apart.
const MAX_GAPS: usize = 100;
/// The share of records above which rejections are more than occasional, in percent.
const MANY: u64 = 1;

/// The numbers of one source since the host started.
struct Source {
    silence: Silence,
    lines: u64,
    events: u64,
    rejected: BTreeMap<&'static str, u64>,
    recent_lines: Growth,
    recent_events: Growth,
    recent_rejected: BTreeMap<&'static str, Growth>,
}

impl Source {
    fn new(now: Timestamp) -> Self {
        Self {
            silence: Silence::from(now),
            lines: 0,
            events: 0,
            rejected: BTreeMap::new(),
            recent_lines: Growth::over(WINDOW),
            recent_events: Growth::over(WINDOW),
            recent_rejected: BTreeMap::new(),
        }
    }
}

/// All sources.
pub(super) struct Sources {
    limit: Duration,
    sources: BTreeMap<String, Source>,
    /// Recent gaps, oldest first.
    gaps: Vec<(Timestamp, String)>,
}

impl Sources {
    pub fn new(names: impl IntoIterator<Item = String>, limit: Duration, now: Timestamp) -> Self {
        Self {
            limit,
            sources: names
                .into_iter()
                .map(|name| (name, Source::new(now)))
                .collect(),
            gaps: Vec::new(),
        }
    }

    pub fn gap(&mut self, text: &str, now: Timestamp) {
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push((now, text.to_owned()));
        }
    }

    pub fn judged(&mut self, processed: &Processed) {
        for (name, counts) in processed.sources.iter() {
            if let Some(source) = self.sources.get_mut(name) {
                source.lines += counts.lines;
                source.events += counts.events;
            }
        }
        for rejection in &processed.rejected {
            let name: &str = &rejection.origin.source;
            if let Some(source) = self.sources.get_mut(name) {
                *source
                    .rejected
                    .entry(rejection.reason.as_str())
                    .or_default() += 1;
            }
        }
    }

    pub fn conditions(&mut self, states: &[SourceState], now: Timestamp) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (name, source) in &mut self.sources {
            let mut states = states.iter();
            let problem = states
                .find(|state| state.name == *name)
                .and_then(|state| state.problem.as_ref());
            let silent = source.silence.note(source.events, now);
            let lines = source.recent_lines.note(source.lines, now);
            let events = source.recent_events.note(source.events, now);
            if let Some(problem) = problem {
                let observed = format!("The source {name} cannot be read.");
                conditions.push(
                    Condition::new(Kind::SourceUnreadable, name, observed)
                        .of_source(name)
                        .with("problem", problem),
                );
            } else if lines > 0 && events == 0 {
                let rejected: u64 = source.rejected.values().sum();
                conditions.push(
                    Condition::new(
                        Kind::SourceUnreadable,
                        name,
                        format!("The source {name} delivered {lines} lines, but no audit event."),
                    )
                    .of_source(name)
                    .with("lines", lines)
                    .with("rejected", rejected),
                );
            } else if silent >= self.limit {
                conditions.push(
                    Condition::new(
                        Kind::SourceSilent,
                        name,
                        format!(
                            "The source {name} has delivered no event for {} minutes.",
                            silent.as_secs() / 60
                        ),
                    )
                    .of_source(name)
                    .with("events", source.events),
                );
            }
            conditions.extend(rejections(name, source, events, now));
        }
        self.gaps
            .retain(|(since, _)| now.duration_since(*since).unsigned_abs() < WINDOW);
        conditions.extend(self.gaps.iter().map(|(_, text)| {
            Condition::new(Kind::EventsMissing, text, format!("{text}.")).with("gap", text)
        }));
        conditions
    }
}

fn rejections(name: &str, source: &mut Source, events: u64, now: Timestamp) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (reason, total) in &source.rejected {
        let recent = source
            .recent_rejected
            .entry(reason)
            .or_insert_with(|| Growth::over(WINDOW))
            .note(*total, now);
        if recent == 0 {
            continue;
        }
        let condition = Condition::new(
            Kind::EventsRejected,
            &format!("{name}: {reason}"),
            format!("{recent} records of {name} were rejected ({reason})."),
        )
        .of_source(name)
        .with("reason", reason)
        .with("rejected", recent);
        let is_many = recent.saturating_mul(100) > MANY * (events + recent);
        conditions.push(if is_many {
            condition.at_least(5.0)
        } else {
            condition
        });
    }
    conditions
}
