//! Decides when a condition is another occurrence of its finding.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::condition::Condition;
use crate::kind::Kind;

/// Maximum number of conditions that are followed at once. Names of clusters and actors, which an
/// attacker can choose, are part of what is followed.
const MAX_CONDITIONS: usize = 1024;

type Key = (Kind, String, String);

/// A condition that was present at the latest observation.
struct Present {
    /// The time of its latest occurrence.
    raised: Timestamp,
    /// The highest severity of its occurrences.
    severity: f64,
}

/// The change that an observation made.
#[derive(Debug, Default, PartialEq)]
pub struct Observed {
    /// Conditions of which an occurrence is to be raised.
    pub raised: Vec<Condition>,
    /// Conditions that began with this observation.
    pub began: usize,
    /// Conditions that ended, as kind, cluster, and subject.
    pub ended: Vec<(Kind, String, String)>,
}

/// Follows conditions from one observation to the next.
pub struct Monitor {
    repeat: Duration,
    present: BTreeMap<Key, Present>,
}

impl Monitor {
    /// Creates a monitor that raises a condition that lasts again after each `repeat`.
    #[must_use]
    pub fn new(repeat: Duration) -> Self {
        Self {
            repeat,
            present: BTreeMap::new(),
        }
    }

    /// Compares the conditions at `now` with those of the observation before. A condition is raised
    /// when it begins, when its severity rises, and each time that it has lasted for another
    /// interval. If there are more conditions than the monitor follows, the most severe are.
    pub fn observe(&mut self, mut conditions: Vec<Condition>, now: Timestamp) -> Observed {
        conditions.sort_by(|one, other| {
            let by_key = || key(one).cmp(&key(other));
            other.severity.total_cmp(&one.severity).then_with(by_key)
        });
        conditions.dedup_by(|later, first| key(later) == key(first));
        conditions.truncate(MAX_CONDITIONS);
        let mut before = std::mem::take(&mut self.present);
        let mut observed = Observed::default();
        for condition in conditions {
            let key = key(&condition);
            if self.present.contains_key(&key) {
                // A less severe condition with the same key.
                continue;
            }
            let known = before.remove(&key);
            observed.began += usize::from(known.is_none());
            let is_due = known.as_ref().is_none_or(|known| {
                let elapsed = now.duration_since(known.raised);
                condition.severity > known.severity
                    || elapsed.is_negative()
                    || elapsed.unsigned_abs() >= self.repeat
            });
            let severity = known.as_ref().map_or(condition.severity, |known| {
                known.severity.max(condition.severity)
            });
            let raised = match known {
                Some(known) if !is_due => known.raised,
                _ => now,
            };
            self.present.insert(key, Present { raised, severity });
            if is_due {
                observed.raised.push(condition);
            }
        }
        observed.ended = before.into_keys().collect();
        observed
    }

    /// Returns the number of conditions that are present, by kind.
    #[must_use]
    pub fn present(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for (kind, _, _) in self.present.keys() {
            *counts.entry(*kind).or_default() += 1;
        }
        counts
    }
}

fn key(condition: &Condition) -> Key {
    (
        condition.kind,
        condition.cluster.clone(),
        condition.subject.clone(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use proptest::prelude::{any, proptest};

    use super::{MAX_CONDITIONS, Monitor};
    use crate::condition::Condition;
    use crate::kind::Kind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn silent(subject: &str, severity: f64) -> Condition {
        Condition::new(Kind::SourceSilent, subject, String::new()).at_least(severity)
    }

    fn monitor() -> Monitor {
        Monitor::new(Duration::from_secs(3600))
    }

    #[test]
    fn lasting_condition_is_raised_once_an_interval() {
        let mut monitor = monitor();
        let raised: Vec<i64> = (0..7300)
            .step_by(50)
            .filter(|second| {
                let observed = monitor.observe(vec![silent("audit", 5.0)], at(*second));
                !observed.raised.is_empty()
            })
            .collect();
        assert_eq!(raised, [0, 3600, 7200]);
    }

    #[test]
    fn condition_that_ends_and_returns_is_raised_again() {
        let mut monitor = monitor();
        assert_eq!(monitor.observe(vec![silent("audit", 5.0)], at(0)).began, 1);
        let observed = monitor.observe(Vec::new(), at(1));
        assert_eq!(observed.ended.len(), 1);
        assert_eq!(
            monitor
                .observe(vec![silent("audit", 5.0)], at(2))
                .raised
                .len(),
            1
        );
    }

    #[test]
    fn two_conditions_with_one_key_are_the_more_severe() {
        let mut monitor = monitor();
        let both = vec![silent("audit", 5.0), silent("audit", 8.0)];
        let observed = monitor.observe(both, at(0));
        assert_eq!(observed.raised.len(), 1);
        assert!(observed.raised[0].severity > 7.0);
    }

    #[test]
    fn most_severe_conditions_are_followed() {
        let mut monitor = monitor();
        let mut many: Vec<Condition> = (0..2 * MAX_CONDITIONS)
            .map(|number| silent(&number.to_string(), 5.0))
            .collect();
        many.push(silent("worst", 9.0));
        let observed = monitor.observe(many, at(0));
        assert_eq!(observed.raised.len(), MAX_CONDITIONS);
        assert_eq!(observed.raised[0].subject, "worst");
    }

    proptest! {
        /// Whatever was raised before, a condition that is rated higher is never silent.
        #[test]
        fn higher_severity_is_raised_at_once(
            before in proptest::collection::vec((any::<bool>(), 0_i64..5000, 5.0..10.0_f64), 0..20),
            rise in 0.1..1.0_f64,
        ) {
            let mut monitor = monitor();
            let mut now = 0;
            let mut highest: f64 = 5.0;
            for (is_present, pause, severity) in before {
                now += pause;
                let conditions = if is_present { vec![silent("audit", severity)] } else { Vec::new() };
                monitor.observe(conditions, at(now));
                highest = highest.max(severity);
            }
            let observed = monitor.observe(vec![silent("audit", highest + rise)], at(now));
            assert_eq!(observed.raised.len(), 1);
        }
    }
}
