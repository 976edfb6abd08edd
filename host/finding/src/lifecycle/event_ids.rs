//! The events of all occurrences of a finding.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// How many of the first events are kept, to show how the activity began.
const FIRST: usize = 10;
/// How many of the newest events are kept.
const NEWEST: usize = 90;

/// The ids of the first and the newest events, without duplicates, in order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventIds {
    first: Vec<String>,
    newest: VecDeque<String>,
    omitted: u64,
}

impl EventIds {
    pub fn add(&mut self, id: String) {
        if self.first.contains(&id) || self.newest.contains(&id) {
            return;
        }
        if self.first.len() < FIRST {
            self.first.push(id);
            return;
        }
        self.newest.push_back(id);
        if self.newest.len() > NEWEST {
            self.newest.pop_front();
            self.omitted += 1;
        }
    }

    pub fn to_vec(&self) -> Vec<String> {
        self.first.iter().chain(&self.newest).cloned().collect()
    }

    /// Returns how many ids between the first and the newest are omitted.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Estimates the size in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.first
            .iter()
            .chain(&self.newest)
            .map(|id| id.len() + size_of::<String>())
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::EventIds;

    #[test]
    fn keeps_first_and_newest_ids_and_counts_the_rest() {
        let mut ids = EventIds::default();
        for number in 0..250 {
            ids.add(number.to_string());
            ids.add(number.to_string());
        }
        let expected: Vec<String> = (0..10).chain(160..250).map(|n| n.to_string()).collect();
        assert_eq!(ids.to_vec(), expected);
        assert_eq!(ids.omitted(), 150);
    }
}
