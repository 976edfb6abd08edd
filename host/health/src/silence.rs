//! Whether something that should keep coming has stopped.

use std::time::Duration;

use jiff::Timestamp;

/// The time since a counter last grew.
#[derive(Debug, Clone, Copy)]
pub struct Silence {
    total: u64,
    since: Timestamp,
}

impl Silence {
    /// Starts to wait at `now`.
    #[must_use]
    pub fn from(now: Timestamp) -> Self {
        Self {
            total: 0,
            since: now,
        }
    }

    /// Notes the counter's total, and returns how long it has not changed.
    pub fn note(&mut self, total: u64, now: Timestamp) -> Duration {
        if total != self.total || now < self.since {
            self.total = total;
            self.since = now;
        }
        now.duration_since(self.since).unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Silence;

    #[test]
    fn silence_lasts_until_the_counter_grows() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut silence = Silence::from(at(100));
        assert_eq!(silence.note(0, at(160)), Duration::from_secs(60));
        assert_eq!(silence.note(1, at(170)), Duration::ZERO);
        assert_eq!(silence.note(1, at(175)), Duration::from_secs(5));
        assert_eq!(
            silence.note(1, at(50)),
            Duration::ZERO,
            "a clock that was set back starts over"
        );
    }
}
