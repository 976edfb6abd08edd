//! Timestamps of events.

use std::time::Duration;

/// A point in event time: nanoseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the time this many nanoseconds after the Unix epoch; 0 if the source has none.
    #[must_use]
    pub const fn from_nanoseconds(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }

    /// Returns the nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn nanoseconds(self) -> u64 {
        self.0
    }

    /// Returns the whole seconds since the Unix epoch.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Returns whether the source has the time.
    #[must_use]
    pub const fn is_known(self) -> bool {
        self.0 != 0
    }

    /// Returns the time that has passed since an earlier timestamp; zero if this is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}
