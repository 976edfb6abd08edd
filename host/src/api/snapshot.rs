//! The current numbers of the judging thread.

use std::sync::{Arc, PoisonError, RwLock};

use wardline_detect::WorkerHealth;
use wardline_finding::suppress::Matches;

use crate::pipeline::Totals;

/// Numbers taken at one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The totals since the host started.
    pub ledger: Totals,
    /// The matches of each suppression rule.
    pub matches: Matches,
    /// The health of the detectors, one entry for each thread and detector.
    pub health: Vec<WorkerHealth>,
    /// The generation in force.
    pub generation: u64,
    /// Whether events are being read.
    pub ready: bool,
}

/// The cell that the judging thread writes and the API reads.
#[derive(Clone, Default)]
pub struct SnapshotCell(Arc<RwLock<Arc<Snapshot>>>);

impl SnapshotCell {
    /// Returns the newest snapshot.
    #[must_use]
    pub fn read(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the snapshot.
    pub fn write(&self, snapshot: Snapshot) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}
