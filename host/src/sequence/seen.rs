//! Which events have been seen before.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Remembers the newest keys, between one and two times `capacity` of them.
///
/// A webhook sends a batch again when its answer got lost, and log files overlap at
/// a rotation; both repeat what came shortly before, so that old keys may go.
pub(super) struct Seen<S = RandomState> {
    capacity: usize,
    hashers: [S; 2],
    newer: HashSet<u128>,
    older: HashSet<u128>,
}

impl Seen {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            hashers: [RandomState::new(), RandomState::new()],
            newer: HashSet::new(),
            older: HashSet::new(),
        }
    }

    /// Marks a key as seen; false if it was already.
    ///
    /// Keys are kept as 128 bits of two keyed hashes: a sender who does not know the
    /// keys cannot make one event pass for another.
    pub fn insert(&mut self, audit_id: &str, tag: u8) -> bool {
        let [first, second] = &self.hashers;
        let key = (u128::from(first.hash_one((audit_id, tag))) << 64)
            | u128::from(second.hash_one((audit_id, tag)));
        if self.older.contains(&key) || !self.newer.insert(key) {
            return false;
        }
        if self.newer.len() >= self.capacity {
            self.older = std::mem::take(&mut self.newer);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn forgets_only_what_is_older_than_its_capacity() {
        let mut seen = Seen::new(10);
        for number in 0..100 {
            assert!(seen.insert(&number.to_string(), 0));
            for recent in number - (9.min(number))..=number {
                assert!(
                    !seen.insert(&recent.to_string(), 0),
                    "{recent} after {number}"
                );
            }
        }
        assert!(seen.insert("0", 0), "the oldest is forgotten");
    }

    #[test]
    fn stages_of_one_request_are_different_events() {
        let mut seen = Seen::new(10);
        assert!(seen.insert("a", 1));
        assert!(seen.insert("a", 2));
        assert!(!seen.insert("a", 1));
    }
}
