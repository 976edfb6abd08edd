//! A store that cannot be written, for instance because its disk is full.

use std::time::{Duration, Instant};

/// The longest time between two attempts.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// The time before the second attempt, which doubles with each.
const MIN_DELAY: Duration = Duration::from_millis(250);

/// The attempts to write a store since it failed.
#[derive(Debug)]
pub(super) struct Outage {
    /// The last error, with its causes.
    pub error: String,
    delay: Duration,
    next: Instant,
}

impl Outage {
    /// Notes a failure, perhaps after others.
    pub fn note(before: Option<&Self>, error: String, now: Instant) -> Self {
        let delay = before.map_or(MIN_DELAY, |before| (before.delay * 2).min(MAX_DELAY));
        Self {
            error,
            delay,
            next: now + delay,
        }
    }

    /// Makes the next attempt due.
    pub fn retry_at(&mut self, now: Instant) {
        self.next = now;
    }

    /// Returns true if it is time for another attempt.
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{MAX_DELAY, MIN_DELAY, Outage};

    #[test]
    fn attempts_become_rarer_up_to_a_bound() {
        let now = Instant::now();
        let mut outage = Outage::note(None, "full".to_owned(), now);
        assert!(!outage.is_due(now) && outage.is_due(now + MIN_DELAY));
        for _ in 0..40 {
            outage = Outage::note(Some(&outage), "full".to_owned(), now);
        }
        assert!(!outage.is_due(now + MAX_DELAY / 2) && outage.is_due(now + MAX_DELAY));
    }
}
