//! The current numbers of the judging thread.

use wardline_detect::WorkerHealth;
use wardline_files::Latest;
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

/// The latest snapshot: written by the judging thread and read by the API.
pub type SnapshotCell = Latest<Snapshot>;
