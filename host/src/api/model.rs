//! The answers of the API.

use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::detect::{BreakerState, LaneHealth};
use crate::pipeline::{DetectorCounts, Ledger};
use crate::plugin::{FileState, FileStatus};

/// How a detector fares, over all threads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The worst of its breakers: `closed`, `probation`, `open` or `quarantined`.
    pub breaker: String,
    /// What failed last: how, and in words.
    pub last_failure: Option<(String, String)>,
    /// Entries of its state.
    pub state_entries: u64,
    /// Bytes of its state.
    pub state_bytes: u64,
    /// Entries that its quota pushed out.
    pub state_evictions: u64,
}

impl Health {
    /// Sums up the threads; none if the detector is on no thread.
    fn of(name: &str, lanes: &[LaneHealth]) -> Option<Self> {
        let rank = |state: BreakerState| match state {
            BreakerState::Closed => 0,
            BreakerState::Probation => 1,
            BreakerState::Open => 2,
            BreakerState::Quarantined => 3,
        };
        let mine: Vec<&LaneHealth> = lanes
            .iter()
            .filter(|lane| lane.detector.as_ref() == name)
            .collect();
        let worst = mine
            .iter()
            .map(|lane| lane.breaker)
            .max_by_key(|state| rank(*state))?;
        Some(Self {
            breaker: worst.as_str().to_owned(),
            last_failure: mine.iter().find_map(|lane| {
                let failure = lane.last_failure.as_ref()?;
                Some((failure.outcome.as_str().to_owned(), failure.message.clone()))
            }),
            state_entries: mine.iter().map(|lane| lane.state.entries as u64).sum(),
            state_bytes: mine.iter().map(|lane| lane.state.bytes as u64).sum(),
            state_evictions: mine.iter().map(|lane| lane.state.evictions).sum(),
        })
    }
}

/// All that is known of one file of the plugin directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginReport {
    /// Where the file stands.
    #[serde(flatten)]
    pub status: FileStatus,
    /// What its detector did, if it is at work.
    pub counts: Option<DetectorCounts>,
    /// How its detector fares, if it is at work.
    pub health: Option<Health>,
}

impl PluginReport {
    fn new(status: &FileStatus, snapshot: &Snapshot) -> Self {
        let name = status.running.as_ref().map(|running| running.name.as_str());
        let health = name.and_then(|name| Health::of(name, &snapshot.health));
        let mut status = status.clone();
        if status.state == FileState::Active
            && health
                .as_ref()
                .is_some_and(|health| health.breaker == BreakerState::Quarantined.as_str())
        {
            status.state = FileState::Quarantined;
        }
        Self {
            counts: name.and_then(|name| snapshot.ledger.detectors.get(name).cloned()),
            health,
            status,
        }
    }
}

/// The answer to `GET /v1/plugins`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginList {
    /// The generation at work; it counts up with each swap.
    pub generation: u64,
    /// In the order of the files' names.
    pub plugins: Vec<PluginReport>,
}

impl PluginList {
    pub(super) fn new(files: &[FileStatus], snapshot: &Snapshot) -> Self {
        Self {
            generation: snapshot.generation,
            plugins: files
                .iter()
                .map(|status| PluginReport::new(status, snapshot))
                .collect(),
        }
    }
}

/// The answer to `GET /v1/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The host's version.
    pub version: String,
    /// Whether events are being read.
    pub ready: bool,
    /// The generation at work.
    pub generation: u64,
    /// What was done since the host started.
    pub ledger: Ledger,
}

impl StatusReport {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ready: snapshot.ready,
            generation: snapshot.generation,
            ledger: snapshot.ledger.clone(),
        }
    }
}
