//! The responses of the API.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use wardline_detect::{BreakerState, WorkerHealth};
use wardline_intel::ListStatus;
use wardline_sink::SinkState;
use wardline_source::SourceState;
use wardline_store::ReplacedStore;

use super::Snapshot;
use crate::pipeline::{DetectorCounts, Totals};
use crate::plugin::{FileState, FileStatus};

/// The health of a detector over all threads.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The worst state of its circuit breakers: `closed`, `probation`, `open`, or
    /// `quarantined`.
    pub breaker: String,
    /// The outcome of the last failed call, and its message.
    pub last_failure: Option<(String, String)>,
    /// The number of entries in its state.
    pub state_entries: u64,
    /// The size of its state, in bytes.
    pub state_bytes: u64,
    /// The number of entries that the quota evicted.
    pub state_evictions: u64,
}

impl Health {
    /// Combines the threads, or returns `None` if the detector runs on no thread.
    fn of(name: &str, workers: &[WorkerHealth]) -> Option<Self> {
        let mine: Vec<&WorkerHealth> = workers
            .iter()
            .filter(|worker| worker.detector.as_ref() == name)
            .collect();
        let worst = mine.iter().map(|worker| worker.breaker).max()?;
        Some(Self {
            breaker: worst.as_str().to_owned(),
            last_failure: mine.iter().find_map(|worker| {
                let failure = worker.last_failure.as_ref()?;
                Some((failure.outcome.as_str().to_owned(), failure.message.clone()))
            }),
            state_entries: mine.iter().map(|worker| worker.state.entries as u64).sum(),
            state_bytes: mine.iter().map(|worker| worker.state.bytes as u64).sum(),
            state_evictions: mine.iter().map(|worker| worker.state.evictions).sum(),
        })
    }
}

/// The status of one file in the plugin directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginReport {
    /// The loading status of the file.
    #[serde(flatten)]
    pub status: FileStatus,
    /// The totals of its detector, if it is active.
    pub counts: Option<DetectorCounts>,
    /// The health of its detector, if it is active.
    pub health: Option<Health>,
}

impl PluginReport {
    fn new(status: &FileStatus, snapshot: &Snapshot) -> Self {
        let name = status.running.as_ref().map(|running| running.name.as_str());
        let health = name.and_then(|name| Health::of(name, &snapshot.health));
        let mut status = status.clone();
        if matches!(status.state, FileState::Active | FileState::Idle)
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

/// The response to `GET /v1/plugins`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginList {
    /// The generation in force, which increases with each swap.
    pub generation: u64,
    /// The plugins, ordered by file name.
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

/// The response to `GET /v1/intel`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntelReport {
    /// The lists, ordered by name.
    pub lists: Vec<ListStatus>,
}

impl IntelReport {
    pub(super) fn new(lists: &[ListStatus]) -> Self {
        Self {
            lists: lists.to_vec(),
        }
    }
}

/// How many intel lists there are, and how many need attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListNumbers {
    /// Lists in force.
    pub in_force: usize,
    /// Lists whose file differs from the version in force.
    pub broken: usize,
    /// Lists older than their configured maximum.
    pub stale: usize,
}

impl ListNumbers {
    fn of(lists: &[ListStatus]) -> Self {
        let count =
            |is_so: fn(&ListStatus) -> bool| lists.iter().filter(|list| is_so(list)).count();
        Self {
            in_force: count(|list| list.in_force.is_some()),
            broken: count(|list| list.failure.is_some()),
            stale: count(ListStatus::is_stale),
        }
    }
}

/// The state of the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreReport {
    /// Why it cannot be written at present, if so. Nothing is read meanwhile.
    pub failure: Option<String>,
    /// The new name of a damaged store that was put aside at the start, if one was.
    pub replaced: Option<PathBuf>,
    /// The damage.
    pub damage: Option<String>,
}

impl StoreReport {
    /// Creates the report.
    #[must_use]
    pub fn new(failure: Option<String>, replaced: Option<&ReplacedStore>) -> Self {
        Self {
            failure,
            replaced: replaced.map(|replaced| replaced.kept_as.clone()),
            damage: replaced.map(|replaced| replaced.reason.clone()),
        }
    }
}

/// The response to `GET /v1/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The version of the host.
    pub version: String,
    /// Whether each source is read, and detectors judge.
    pub ready: bool,
    /// Why the host is not ready; empty if it is, and while it starts.
    #[serde(default)]
    pub problems: Vec<String>,
    /// Unsafe properties of the host's surroundings, although it works.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// The state of each source.
    #[serde(default)]
    pub sources: Vec<SourceState>,
    /// The state of each sink.
    #[serde(default)]
    pub sinks: Vec<SinkState>,
    /// The state of the store.
    #[serde(default)]
    pub store: StoreReport,
    /// The generation in force.
    pub generation: u64,
    /// The intel lists.
    pub lists: ListNumbers,
    /// The totals since the host started.
    pub ledger: Totals,
}

impl StatusReport {
    pub(super) fn new(snapshot: &Snapshot, lists: &[ListStatus]) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ready: snapshot.ready,
            problems: snapshot.problems.clone(),
            warnings: snapshot.warnings.clone(),
            sources: snapshot.sources.clone(),
            sinks: snapshot.sinks.clone(),
            store: snapshot.store.clone(),
            generation: snapshot.generation,
            lists: ListNumbers::of(lists),
            ledger: snapshot.ledger.clone(),
        }
    }
}
