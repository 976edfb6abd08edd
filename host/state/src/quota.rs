//! What state may take.

/// What one partition of a detector's state may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Entries: values, counters, members seen, and windows.
    pub entries: usize,
    /// Bytes of all keys and values.
    pub bytes: usize,
    /// Bytes of one entry's key and value.
    pub entry_bytes: usize,
}

/// What state takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Entries.
    pub entries: usize,
    /// Bytes of keys and values.
    pub bytes: usize,
    /// Entries that the quota has pushed out since the host started.
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
