//! Counters that grow, looked at over a window.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;

/// The growth of a counter within the latest window, kept in parts of the window.
#[derive(Debug, Clone)]
pub struct Growth {
    window: Duration,
    last: Option<u64>,
    /// When each part began, and the growth in it, oldest first.
    parts: VecDeque<(Timestamp, u64)>,
}

/// The number of parts that a window is divided into.
const PARTS: u32 = 10;

impl Growth {
    /// Creates a counter of which nothing is known.
    #[must_use]
    pub fn over(window: Duration) -> Self {
        Self {
            window,
            last: None,
            parts: VecDeque::new(),
        }
    }

    /// Notes the counter's total, and returns its growth within the window. The first total counts
    /// from zero, because counters start with the host. A total that is smaller than the one
    /// before is that of a new counter.
    pub fn note(&mut self, total: u64, now: Timestamp) -> u64 {
        let last = self.last.replace(total).unwrap_or(0);
        let grown = if total < last { total } else { total - last };
        let is_over = |since: Timestamp, after: Duration| {
            let elapsed = now.duration_since(since);
            // A clock that was set back starts over.
            elapsed.is_negative() || elapsed.unsigned_abs() >= after
        };
        while self
            .parts
            .front()
            .is_some_and(|(since, _)| is_over(*since, self.window))
        {
            self.parts.pop_front();
        }
        if grown > 0 {
            match self.parts.back_mut() {
                Some((since, sum)) if !is_over(*since, self.window / PARTS) => *sum += grown,
                _ => self.parts.push_back((now, grown)),
            }
        }
        self.parts.iter().map(|(_, sum)| sum).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::Growth;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn growth_of_the_window_is_counted() {
        let mut growth = Growth::over(Duration::from_secs(100));
        assert_eq!(growth.note(5, at(0)), 5);
        assert_eq!(growth.note(5, at(50)), 5);
        assert_eq!(growth.note(8, at(60)), 8);
        assert_eq!(growth.note(8, at(100)), 3, "the first five are too old");
        assert_eq!(growth.note(8, at(200)), 0);
    }

    #[test]
    fn new_counter_starts_from_zero() {
        let mut growth = Growth::over(Duration::from_secs(100));
        growth.note(1000, at(0));
        assert_eq!(growth.note(3, at(200)), 3);
    }

    #[test]
    fn memory_stays_bounded() {
        let mut growth = Growth::over(Duration::from_secs(100));
        for second in 0..10_000_i64 {
            growth.note(u64::try_from(second).unwrap(), at(second));
        }
        assert!(growth.parts.len() <= 11, "{}", growth.parts.len());
    }
}
