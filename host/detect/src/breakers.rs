//! The circuit breakers of one detector on one thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_contract::BreakerLimits;
use wardline_event::Record;

use super::{Breaker, BreakerState};

/// Maximum number of breakers. Once there are as many, actors that fail for the first time share one
/// for their cluster and size.
const MAX_BREAKERS: usize = 4096;

/// The size of an event's text from which it is large, in bytes.
const LARGE: usize = 64 * 1024;
/// The size from which it is very large. kube-apiserver accepts requests of 3 MiB.
const VERY_LARGE: usize = 1024 * 1024;

/// The size of an event. A client that makes a detector fail with large objects must not make it skip a
/// small request that follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SizeClass {
    Ordinary,
    Large,
    VeryLarge,
}

impl SizeClass {
    pub fn of(record: &Record) -> Self {
        match record.raw.len() {
            0..LARGE => Self::Ordinary,
            LARGE..VERY_LARGE => Self::Large,
            _ => Self::VeryLarge,
        }
    }
}

/// Events that share a breaker: those of one actor and size.
type Key = (Arc<str>, Arc<str>, SizeClass);

/// The breakers of those actors on whose events the detector failed lately.
pub(super) struct Breakers {
    limits: BreakerLimits,
    breakers: BTreeMap<Key, Breaker>,
}

impl Breakers {
    pub fn new(limits: BreakerLimits) -> Self {
        Self {
            limits,
            breakers: BTreeMap::new(),
        }
    }

    fn key(record: &Record) -> Key {
        (
            Arc::clone(&record.cluster),
            Arc::clone(&record.actor),
            SizeClass::of(record),
        )
    }

    fn shared(record: &Record) -> Key {
        (
            Arc::clone(&record.cluster),
            Arc::from(""),
            SizeClass::of(record),
        )
    }

    fn find(&mut self, record: &Record) -> Option<(Key, &mut Breaker)> {
        if self.breakers.is_empty() {
            return None;
        }
        let own = Self::key(record);
        let key = if self.breakers.contains_key(&own) {
            own
        } else {
            Self::shared(record)
        };
        self.breakers.get_mut(&key).map(|breaker| (key, breaker))
    }

    /// Returns whether the event may be judged; otherwise counts it as skipped.
    pub fn admit(&mut self, record: &Record) -> bool {
        self.find(record).is_none_or(|(_, breaker)| breaker.admit())
    }

    /// Records an event that was judged.
    pub fn judged(&mut self, record: &Record) {
        if let Some((key, breaker)) = self.find(record) {
            breaker.judged();
            if breaker.is_fresh() {
                self.breakers.remove(&key);
            }
        }
    }

    /// Records an event that could not be judged. Returns whether a breaker opened.
    pub fn failed(&mut self, record: &Record) -> bool {
        let own = Self::key(record);
        let key = if self.breakers.contains_key(&own) || self.breakers.len() < MAX_BREAKERS {
            own
        } else {
            Self::shared(record)
        };
        let limits = &self.limits;
        self.breakers
            .entry(key)
            .or_insert_with(|| Breaker::new(limits.clone()))
            .failed()
    }

    /// The worst state of any breaker.
    pub fn worst(&self) -> BreakerState {
        self.breakers
            .values()
            .map(Breaker::state)
            .max()
            .unwrap_or(BreakerState::Closed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wardline_contract::BreakerLimits;
    use wardline_event::model::{AuditEvent, User};
    use wardline_event::{Origin, Record};

    use super::{Breakers, LARGE, MAX_BREAKERS};

    fn breakers() -> Breakers {
        Breakers::new(BreakerLimits {
            failures: 2,
            skip: 5,
            skip_limit: 5,
            probation: 2,
            quarantine_after: 3,
            timeouts: 8,
        })
    }

    fn event(actor: &str, size: usize) -> Record {
        let event = AuditEvent {
            user: User {
                username: actor.to_owned(),
                ..User::default()
            },
            ..AuditEvent::default()
        };
        let origin = Origin {
            source: Arc::from("test"),
            line: 1,
        };
        Record::audit(event, vec![b' '; size].into(), Arc::from(""), origin)
    }

    #[test]
    fn large_events_of_an_actor_hide_neither_small_ones_nor_other_actors() {
        let mut breakers = breakers();
        let large = event("mallory", LARGE);
        for _ in 0..100 {
            if breakers.admit(&large) {
                breakers.failed(&large);
            }
        }
        assert!(!breakers.admit(&large) || breakers.failed(&large));
        assert!(breakers.admit(&event("mallory", 100)));
        assert!(breakers.admit(&event("alice", LARGE)));
    }

    #[test]
    fn breaker_is_dropped_once_events_are_judged_again() {
        let mut breakers = breakers();
        let small = event("alice", 1);
        breakers.failed(&small);
        for _ in 0..2 {
            breakers.judged(&small);
        }
        assert!(breakers.breakers.is_empty());
    }

    #[test]
    fn number_of_breakers_is_bounded() {
        let mut breakers = breakers();
        for number in 0..2 * MAX_BREAKERS {
            breakers.failed(&event(&number.to_string(), 1));
        }
        assert!(breakers.breakers.len() <= MAX_BREAKERS + 1);
    }
}
