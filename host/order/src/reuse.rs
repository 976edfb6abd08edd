//! Finds audit ids that are used for different requests.

use std::collections::HashMap;

use super::identity::Identity;

/// The calls of recent audit ids, between one and two times `capacity`.
///
/// A request may be logged by two API servers, since the aggregation layer passes its audit id on;
/// user, verb, and URI are the same then.
pub(super) struct Reuse {
    capacity: usize,
    newer: HashMap<u128, u128>,
    older: HashMap<u128, u128>,
}

impl Reuse {
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            newer: HashMap::new(),
            older: HashMap::new(),
        }
    }

    /// Returns whether the event's audit id is known from another user, verb, or URI.
    pub fn note(&mut self, identity: &Identity) -> bool {
        if let Some(call) = self.older.get(&identity.audit_id) {
            return *call != identity.call;
        }
        let known = *self.newer.entry(identity.audit_id).or_insert(identity.call);
        if self.newer.len() >= self.capacity {
            self.older = std::mem::take(&mut self.newer);
        }
        known != identity.call
    }
}

#[cfg(test)]
mod tests {
    use super::Reuse;
    use crate::identity::Identity;

    fn identity(audit_id: u128, call: u128) -> Identity {
        Identity {
            audit_id,
            call,
            request: 0,
            event: 0,
        }
    }

    #[test]
    fn other_call_under_a_known_id_is_a_reuse() {
        let mut reuse = Reuse::new(3);
        assert!(!reuse.note(&identity(1, 1)));
        assert!(!reuse.note(&identity(1, 1)), "a later stage");
        assert!(reuse.note(&identity(1, 2)));
        for other in 2..5 {
            assert!(!reuse.note(&identity(other, 1)));
        }
        assert!(reuse.note(&identity(1, 3)), "still remembered");
    }

    #[test]
    fn memory_is_bounded() {
        let mut reuse = Reuse::new(10);
        for id in 0..1000 {
            reuse.note(&identity(id, 0));
        }
        assert!(reuse.newer.len() + reuse.older.len() <= 20);
    }
}
