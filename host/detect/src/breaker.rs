//! The circuit breaker that stops calls to a detector that fails too often.

use serde::Serialize;
use wardline_contract::BreakerLimits;

/// The state of a circuit breaker, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Events are judged.
    Closed,
    /// Half-open: events are judged again, and one failure opens the breaker.
    Probation,
    /// Events are skipped.
    Open,
    /// No event is judged, because the detector fails on most of them, until a new version, new
    /// settings, or a restart, or until a while has passed.
    Quarantined,
}

impl BreakerState {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::Probation => "probation",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Counts a detector's failures on the events of one actor. The state depends on events only,
/// so that what is skipped depends on neither time nor the number of threads.
#[derive(Debug, Clone)]
pub struct Breaker {
    limits: BreakerLimits,
    state: BreakerState,
    failures: u32,
    good: u32,
    skip: u32,
    openings: u32,
}

impl Breaker {
    /// Creates a closed breaker.
    #[must_use]
    pub fn new(limits: BreakerLimits) -> Self {
        Self {
            limits,
            state: BreakerState::Closed,
            failures: 0,
            good: 0,
            skip: 0,
            openings: 0,
        }
    }

    /// The current state.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Returns true if the next event may be judged; otherwise counts it as skipped.
    pub fn admit(&mut self) -> bool {
        match self.state {
            BreakerState::Closed | BreakerState::Probation => true,
            BreakerState::Open if self.skip == 0 => {
                self.state = BreakerState::Probation;
                self.good = 0;
                true
            }
            BreakerState::Open | BreakerState::Quarantined => {
                self.skip = self.skip.saturating_sub(1);
                false
            }
        }
    }

    /// Records an event that was judged.
    pub fn judged(&mut self) {
        self.good = self.good.saturating_add(1);
        if self.good >= self.limits.probation {
            self.failures = 0;
            if self.state == BreakerState::Probation {
                self.state = BreakerState::Closed;
                self.openings = 0;
            }
        }
    }

    /// Returns whether nothing is known of earlier failures.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.state == BreakerState::Closed && self.failures == 0
    }

    /// Records an event that could not be judged. Returns whether that opened the breaker.
    pub fn failed(&mut self) -> bool {
        self.good = 0;
        self.failures = self.failures.saturating_add(1);
        let opens = self.state == BreakerState::Probation || self.failures >= self.limits.failures;
        if opens {
            self.open();
        }
        opens
    }

    fn open(&mut self) {
        self.failures = 0;
        self.openings = self.openings.saturating_add(1);
        self.state = BreakerState::Open;
        let doublings = (self.openings - 1).min(31);
        self.skip = self
            .limits
            .skip
            .saturating_mul(1 << doublings)
            .min(self.limits.skip_limit);
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, BreakerLimits, BreakerState};

    fn breaker() -> Breaker {
        Breaker::new(BreakerLimits {
            failures: 3,
            skip: 4,
            skip_limit: 6,
            probation: 2,
            quarantine_after: 3,
            timeouts: 8,
        })
    }

    fn skipped(breaker: &mut Breaker) -> u32 {
        let mut count = 0;
        while !breaker.admit() {
            count += 1;
            assert!(count < 100, "admits no further event");
        }
        count
    }

    #[test]
    fn opens_after_failures_in_a_row_and_closes_after_probation() {
        let mut breaker = breaker();
        for _ in 0..3 {
            assert!(breaker.admit());
            breaker.failed();
        }
        assert_eq!(breaker.state(), BreakerState::Open);
        assert_eq!(skipped(&mut breaker), 4);
        assert_eq!(breaker.state(), BreakerState::Probation);
        breaker.judged();
        breaker.judged();
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn stays_closed_after_isolated_failures() {
        let mut breaker = breaker();
        for _ in 0..50 {
            breaker.failed();
            breaker.judged();
            breaker.judged();
        }
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[test]
    fn skips_longer_each_time_up_to_the_limit() {
        let mut breaker = breaker();
        for _ in 0..3 {
            breaker.failed();
        }
        assert_eq!(skipped(&mut breaker), 4);
        for _ in 0..100 {
            assert!(breaker.failed());
            assert_eq!(skipped(&mut breaker), 6);
        }
    }
}
