//! The part of the judging that one thread does.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_check::Claim;
use wardline_event::{Family, Record};
use wardline_intel::Intel;
use wardline_route::Router;
use wardline_state::{Changes, Partition, Usage};

use super::{BreakerState, DetectorWorker, Failure, Generation, NotJudged, Services, Tally};

/// The result of judging a chunk on one shard.
#[derive(Default)]
pub struct ShardOutput {
    /// Claims, in unspecified order.
    pub claims: Vec<Claim>,
    /// Events that a detector should have judged and did not.
    pub not_judged: Vec<NotJudged>,
    /// The counters of each detector, by name.
    pub tallies: BTreeMap<Arc<str>, Tally>,
}

/// The health of a detector on one shard.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkerHealth {
    /// The detector's name.
    pub detector: Arc<str>,
    /// The worst state of its circuit breakers.
    pub breaker: BreakerState,
    /// The last failure.
    pub last_failure: Option<Failure>,
    /// The size of its state.
    pub state: Usage,
}

/// The part of a detector's events that a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    /// The events of this shard's actors.
    Own,
    /// All events: the detector is cluster-ordered and assigned to this shard.
    All,
    /// No events: the detector is assigned to another shard.
    Nothing,
}

/// The part of the judging that one thread does: a worker for each detector.
pub struct Shard {
    index: usize,
    count: usize,
    batch: usize,
    services: Services,
    workers: Vec<DetectorWorker>,
    /// The share of each worker.
    shares: Vec<Share>,
    router: Arc<Router>,
    /// The level of each worker's detector.
    levels: Arc<[usize]>,
    /// The events of the current chunk that each worker has to judge.
    queues: Vec<Vec<Arc<Record>>>,
    /// The state of detectors that are no longer in force, kept until it is saved.
    retired_state: BTreeMap<Arc<str>, BTreeMap<u8, Partition>>,
}

impl Shard {
    /// Creates shard `index` of `count`. A call passes at most `batch` events to a detector.
    #[must_use]
    pub fn new(index: usize, count: usize, batch: usize, services: Services) -> Self {
        Self {
            index,
            count: count.max(1),
            batch: batch.max(1),
            services,
            workers: Vec::new(),
            shares: Vec::new(),
            router: Arc::default(),
            levels: Arc::default(),
            queues: Vec::new(),
            retired_state: BTreeMap::new(),
        }
    }

    /// Switches to another generation. Workers of versions that stay are kept; a new version
    /// continues with the state of the previous one.
    pub fn swap(&mut self, generation: &Generation) {
        let mut old = std::mem::take(&mut self.workers);
        for detector in &generation.detectors {
            if let Some(index) = old
                .iter()
                .position(|worker| worker.detector().id == detector.id)
            {
                self.workers.push(old.swap_remove(index));
                continue;
            }
            let partitions = match old
                .iter()
                .position(|worker| worker.detector().name() == detector.name())
            {
                Some(index) => old.swap_remove(index).into_partitions(),
                None => self
                    .retired_state
                    .remove(detector.name())
                    .unwrap_or_default(),
            };
            self.workers.push(DetectorWorker::new(
                Arc::clone(detector),
                self.services.clone(),
                partitions,
            ));
        }
        for worker in old {
            let name = Arc::from(worker.detector().name());
            self.retired_state.insert(name, worker.into_partitions());
        }
        self.router = Arc::clone(&generation.router);
        self.levels = Arc::clone(&generation.levels);
        self.shares = self
            .workers
            .iter()
            .map(|worker| self.share(worker))
            .collect();
        self.queues.clear();
        self.queues.resize_with(self.workers.len(), Vec::new);
    }

    /// Replaces the intel lists that all detectors read.
    pub fn set_lists(&mut self, lists: &Arc<Intel>) {
        if Arc::ptr_eq(&self.services.intel, lists) {
            return;
        }
        self.services.intel = Arc::clone(lists);
        for worker in &mut self.workers {
            worker.set_lists(lists);
        }
    }

    fn share(&self, worker: &DetectorWorker) -> Share {
        let detector = worker.detector();
        if !detector.is_cluster_ordered() {
            Share::Own
        } else if home(detector.name(), self.count) == self.index {
            Share::All
        } else {
            Share::Nothing
        }
    }

    /// Judges events in order. Events of other shards are ignored: an event belongs to the shard of
    /// its actor or, for a cluster-ordered detector, to the shard of that detector. Signals go only
    /// to the detectors of `level`.
    pub fn judge(&mut self, records: &[Arc<Record>], level: usize) -> ShardOutput {
        self.route(records, level);
        let mut output = ShardOutput::default();
        for (worker, queues) in self.workers.iter_mut().zip(&mut self.queues) {
            while !queues.is_empty() {
                let batch = take_batch(queues, self.batch);
                worker.judge(batch, &mut output.claims, &mut output.not_judged);
            }
            let tally = worker.take_tally();
            if !tally.is_empty() {
                let name = Arc::from(worker.detector().name());
                output.tallies.insert(name, tally);
            }
        }
        output
    }

    /// Queues the events for the workers that have to judge them.
    fn route(&mut self, records: &[Arc<Record>], level: usize) {
        let takes_all = self.shares.contains(&Share::All);
        for record in records {
            let is_own = usize::from(record.partition) % self.count == self.index;
            if !is_own && !takes_all {
                continue;
            }
            let is_signal = record.family() == Family::Signal;
            self.router.each(record, |number| {
                if is_signal && self.levels.get(number) != Some(&level) {
                    return;
                }
                let takes = match self.shares.get(number) {
                    Some(Share::Own) => is_own,
                    Some(Share::All) => true,
                    Some(Share::Nothing) | None => false,
                };
                if takes && let Some(queues) = self.queues.get_mut(number) {
                    queues.push(Arc::clone(record));
                }
            });
        }
    }

    /// Takes the changes to the state of all detectors since the last call.
    pub fn take_changes(&mut self) -> Vec<(Arc<str>, u8, Changes)> {
        let mut changes = Vec::new();
        for worker in &mut self.workers {
            let name: Arc<str> = Arc::from(worker.detector().name());
            for (number, change) in worker.take_changes() {
                changes.push((Arc::clone(&name), number, change));
            }
        }
        for (name, partitions) in &mut self.retired_state {
            for (&number, partition) in partitions {
                changes.push((Arc::clone(name), number, partition.take_changes()));
            }
        }
        changes
    }

    /// The health of each detector on this shard.
    #[must_use]
    pub fn health(&self) -> Vec<WorkerHealth> {
        self.workers
            .iter()
            .map(|worker| {
                let (breaker, last_failure) = worker.health();
                WorkerHealth {
                    detector: Arc::from(worker.detector().name()),
                    breaker,
                    last_failure,
                    state: worker.state_usage(),
                }
            })
            .collect()
    }
}

/// The size of a batch's texts, in bytes, from which no further event is added: a failing batch is judged again
/// in halves, and an event that is expensive to judge should not be judged with many others.
const BATCH_BYTES: usize = 256 * 1024;

/// Takes the first events, at most `most`, all of one family, and no more than [`BATCH_BYTES`] unless a
/// single event is larger.
fn take_batch(queues: &mut Vec<Arc<Record>>, most: usize) -> Vec<Arc<Record>> {
    let family = queues.first().map(|record| record.family());
    let mut bytes = 0;
    let mut count = 0;
    for record in queues.iter().take(most) {
        bytes += record.raw.len();
        let is_full = count > 0 && bytes > BATCH_BYTES;
        if Some(record.family()) != family || is_full {
            break;
        }
        count += 1;
    }
    queues.drain(..count).collect()
}

/// Returns the shard to which a cluster-ordered detector is assigned.
fn home(name: &str, count: usize) -> usize {
    usize::from(wardline_event::partition_of("", name)) % count
}
