//! Lengths of time that rules remember things for.

use std::time::Duration;

/// 60 seconds.
pub const MINUTE: Duration = Duration::from_secs(60);

/// 60 minutes.
pub const HOUR: Duration = Duration::from_secs(60 * 60);

/// 24 hours.
pub const DAY: Duration = days(1);

/// The period for which a detector treats behavior of an identity as known once it was seen, unless
/// a setting says otherwise.
pub const KNOWN: Duration = days(30);

/// Returns a number of days of 24 hours each.
#[must_use]
pub const fn days(count: u32) -> Duration {
    // The largest product, 2^32 * 86,400, is below 2^64.
    Duration::from_secs(count as u64 * 24 * 60 * 60)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, MINUTE, days};

    #[test]
    fn units_are_multiples_of_each_other() {
        assert_eq!(HOUR, MINUTE * 60);
        assert_eq!(DAY, HOUR * 24);
        assert_eq!(days(30), DAY * 30);
        assert_eq!(days(0).as_secs(), 0);
        assert_eq!(days(u32::MAX), DAY * u32::MAX);
    }
}
