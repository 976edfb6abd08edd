//! Whether a detector is called at all.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use wardline_contract::BreakerLimits;

/// The number of actors on whose events a detector must have failed. The data of one client must not take
/// a detector from everybody.
const ACTORS: usize = 3;
/// How many actors are told apart.
const MAX_ACTORS: usize = 64;
/// How many times `skip-limit` events a quarantine lasts.
const LENGTH: u64 = 10;
/// The number of judged events after which earlier failures no longer count.
const FORGET: u64 = 10_000;

/// The failures of a detector on events of ordinary size, over all threads.
#[derive(Default)]
struct Failures {
    events: u64,
    timeouts: u32,
    openings: u32,
    starts: u32,
    actors: HashSet<(Arc<str>, Arc<str>)>,
}

/// The quarantine of a detector that fails on most of its events.
#[derive(Default)]
pub(super) struct Quarantine {
    is_on: AtomicBool,
    judged: AtomicU64,
    skipped: AtomicU64,
    failures: Mutex<Failures>,
}

impl Quarantine {
    /// Returns whether no event is judged now.
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Returns whether an event may be judged; otherwise counts it as skipped. After a while events
    /// are judged again, to see whether they still fail.
    pub fn admit(&self, limits: &BreakerLimits) -> bool {
        if !self.is_on() {
            return true;
        }
        let skipped = self
            .skipped
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if skipped > LENGTH.saturating_mul(u64::from(limits.skip_limit)) {
            self.reset();
            self.is_on.store(false, Ordering::Relaxed);
        }
        false
    }

    fn reset(&self) {
        self.judged.store(0, Ordering::Relaxed);
        self.skipped.store(0, Ordering::Relaxed);
        *self.lock() = Failures::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts events that were judged.
    pub fn judged(&self, events: u64) {
        let judged = self.judged.fetch_add(events, Ordering::Relaxed);
        if judged.saturating_add(events) >= FORGET {
            self.reset();
        }
    }

    /// Counts an event of ordinary size that could not be judged.
    pub fn failed(
        &self,
        actor: (&Arc<str>, &Arc<str>),
        is_timeout: bool,
        has_opened: bool,
        limits: &BreakerLimits,
    ) {
        let mut failures = self.lock();
        failures.events += 1;
        failures.timeouts += u32::from(is_timeout);
        failures.openings += u32::from(has_opened);
        if failures.actors.len() < MAX_ACTORS {
            let actor = (Arc::clone(actor.0), Arc::clone(actor.1));
            failures.actors.insert(actor);
        }
        let is_general = failures.actors.len() >= ACTORS
            && failures.events > self.judged.load(Ordering::Relaxed);
        let is_often =
            failures.timeouts >= limits.timeouts || failures.openings >= limits.quarantine_after;
        if is_general && is_often {
            self.is_on.store(true, Ordering::Relaxed);
        }
    }

    /// Counts a failed start of an instance, for which no event is to blame.
    pub fn failed_to_start(&self, limits: &BreakerLimits) {
        let mut failures = self.lock();
        failures.starts += 1;
        if failures.starts >= limits.quarantine_after {
            self.is_on.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::{prop_assert, proptest};
    use wardline_contract::BreakerLimits;

    use super::{LENGTH, Quarantine};

    fn limits() -> BreakerLimits {
        BreakerLimits {
            failures: 2,
            skip: 5,
            skip_limit: 5,
            probation: 2,
            quarantine_after: 3,
            timeouts: 4,
        }
    }

    fn fail(quarantine: &Quarantine, actor: &str) {
        let actor = Arc::from(actor);
        quarantine.failed((&Arc::from(""), &actor), true, true, &limits());
    }

    #[test]
    fn detector_that_fails_for_everybody_is_in_quarantine_for_a_while() {
        let quarantine = Quarantine::default();
        for actor in ["a", "b", "a", "c"] {
            assert!(quarantine.admit(&limits()));
            fail(&quarantine, actor);
        }
        let mut skipped = 0;
        while !quarantine.admit(&limits()) {
            skipped += 1;
        }
        assert_eq!(skipped, LENGTH * 5 + 1);
        assert!(!quarantine.is_on());
    }

    #[test]
    fn detector_that_judges_most_events_is_never_in_quarantine() {
        let quarantine = Quarantine::default();
        for number in 0..1000 {
            quarantine.judged(2);
            fail(&quarantine, &number.to_string());
        }
        assert!(!quarantine.is_on());
    }

    proptest! {
        #[test]
        fn one_client_never_causes_a_quarantine(failures in 1_u32..1000, judged in 0_u64..3) {
            let quarantine = Quarantine::default();
            for _ in 0..failures {
                quarantine.judged(judged);
                fail(&quarantine, "mallory");
                fail(&quarantine, "another name of mallory");
            }
            prop_assert!(!quarantine.is_on());
        }
    }
}
