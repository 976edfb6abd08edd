//! The newest numbers of the thread that judges.

use std::sync::{Arc, PoisonError, RwLock};

use wardline_detect::LaneHealth;
use wardline_finding::suppress::Matches;

use crate::pipeline::Ledger;

/// Numbers of one moment.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// What was done since the host started.
    pub ledger: Ledger,
    /// What each rule suppressed.
    pub matches: Matches,
    /// How detectors fare, one entry for each thread and detector.
    pub health: Vec<LaneHealth>,
    /// The generation of detectors at work.
    pub generation: u64,
    /// Events are being read.
    pub ready: bool,
}

/// Where the judging thread writes and the API reads.
#[derive(Clone, Default)]
pub struct SnapshotCell(Arc<RwLock<Arc<Snapshot>>>);

impl SnapshotCell {
    /// The newest numbers.
    #[must_use]
    pub fn read(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces them.
    pub fn write(&self, snapshot: Snapshot) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
    }
}
