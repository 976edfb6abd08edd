//! Quotas for state, and its usage.

use wardline_event::PARTITIONS;

/// The limits on one partition of a detector's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The number of entries: values, counters, members seen, and windows.
    pub entries: usize,
    /// The size of all keys and values, in bytes.
    pub bytes: usize,
    /// The size of one entry's key and value, in bytes.
    pub entry_bytes: usize,
}

impl Quota {
    /// Returns the quota of a cluster-ordered detector, whose state is in a single partition of
    /// this quota times [`PARTITIONS`].
    #[must_use]
    pub fn for_cluster(self) -> Self {
        let partitions = usize::from(PARTITIONS);
        Self {
            entries: self.entries.saturating_mul(partitions),
            bytes: self.bytes.saturating_mul(partitions),
            entry_bytes: self.entry_bytes,
        }
    }
}

/// The size of state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// The number of entries.
    pub entries: usize,
    /// The size of keys and values, in bytes.
    pub bytes: usize,
    /// Entries that the quota evicted since the host started.
    pub evictions: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.bytes += other.bytes;
        self.evictions += other.evictions;
    }
}

impl std::iter::Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += part;
            sum
        })
    }
}
