//! Requests of senders without valid credentials.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The number of refused requests by reason. Copies share it.
#[derive(Debug, Clone, Default)]
pub(in crate::webhook) struct Refusals(Arc<Mutex<BTreeMap<&'static str, u64>>>);

impl Refusals {
    /// A request was refused. The reasons are those of this crate.
    pub fn add(&self, reason: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(reason).or_default() += 1;
    }

    /// Returns the counts since the host started.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(reason, count)| ((*reason).to_owned(), *count))
            .collect()
    }
}
