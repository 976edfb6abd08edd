//! The current numbers of the judging thread.

use wardline_detect::WorkerHealth;
use wardline_files::Latest;
use wardline_finding::suppress::Matches;
use wardline_sink::SinkState;
use wardline_source::SourceState;

use super::StoreReport;
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
    /// Whether each source is read, and detectors judge.
    pub ready: bool,
    /// Why the host is not ready; empty if it is, and while it starts.
    pub problems: Vec<String>,
    /// Unsafe properties of the host's surroundings.
    pub warnings: Vec<String>,
    /// The state of each source.
    pub sources: Vec<SourceState>,
    /// The state of each sink.
    pub sinks: Vec<SinkState>,
    /// The state of the store.
    pub store: StoreReport,
}

/// The latest snapshot: written by the judging thread and read by the API.
pub type SnapshotCell = Latest<Snapshot>;
