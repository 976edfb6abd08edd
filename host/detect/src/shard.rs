//! The part of the judging that one thread does.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_check::Claim;
use wardline_event::{Family, Record};
use wardline_intel::Intel;
use wardline_route::Router;
use wardline_state::{Changes, Partition, Usage};

use super::{BreakerState, Failure, Generation, Lane, NotJudged, Services, Tally};

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
pub struct LaneHealth {
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
    lanes: Vec<Lane>,
    /// The share of each worker.
    shares: Vec<Share>,
    router: Arc<Router>,
    /// The level of each worker's detector.
    levels: Arc<[usize]>,
    /// The events of the current chunk that each worker has to judge.
    wanted: Vec<Vec<Arc<Record>>>,
    /// The state of detectors that are no longer in force, kept until it is saved.
    left: BTreeMap<Arc<str>, BTreeMap<u8, Partition>>,
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
            lanes: Vec::new(),
            shares: Vec::new(),
            router: Arc::default(),
            levels: Arc::default(),
            wanted: Vec::new(),
            left: BTreeMap::new(),
        }
    }

    /// Switches to another generation. Workers of versions that stay are kept; a new version
    /// continues with the state of the previous one.
    pub fn swap(&mut self, generation: &Generation) {
        let mut old = std::mem::take(&mut self.lanes);
        for detector in &generation.detectors {
            if let Some(index) = old
                .iter()
                .position(|lane| lane.detector().id == detector.id)
            {
                self.lanes.push(old.swap_remove(index));
                continue;
            }
            let partitions = match old
                .iter()
                .position(|lane| lane.detector().name() == detector.name())
            {
                Some(index) => old.swap_remove(index).into_partitions(),
                None => self.left.remove(detector.name()).unwrap_or_default(),
            };
            self.lanes.push(Lane::new(
                Arc::clone(detector),
                self.services.clone(),
                partitions,
            ));
        }
        for lane in old {
            let name = Arc::from(lane.detector().name());
            self.left.insert(name, lane.into_partitions());
        }
        self.router = Arc::clone(&generation.router);
        self.levels = Arc::clone(&generation.levels);
        self.shares = self.lanes.iter().map(|lane| self.share(lane)).collect();
        self.wanted.clear();
        self.wanted.resize_with(self.lanes.len(), Vec::new);
    }

    /// Replaces the intel lists that all detectors read.
    pub fn set_lists(&mut self, lists: &Arc<Intel>) {
        if Arc::ptr_eq(&self.services.intel, lists) {
            return;
        }
        self.services.intel = Arc::clone(lists);
        for lane in &mut self.lanes {
            lane.set_lists(lists);
        }
    }

    fn share(&self, lane: &Lane) -> Share {
        let detector = lane.detector();
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
        for (lane, wanted) in self.lanes.iter_mut().zip(&mut self.wanted) {
            while !wanted.is_empty() {
                let batch = take_batch(wanted, self.batch);
                lane.judge(batch, &mut output.claims, &mut output.not_judged);
            }
            let tally = lane.take_tally();
            if !tally.is_empty() {
                let name = Arc::from(lane.detector().name());
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
                if takes && let Some(wanted) = self.wanted.get_mut(number) {
                    wanted.push(Arc::clone(record));
                }
            });
        }
    }

    /// Takes the changes to the state of all detectors since the last call.
    pub fn take_changes(&mut self) -> Vec<(Arc<str>, u8, Changes)> {
        let mut changes = Vec::new();
        for lane in &mut self.lanes {
            let name: Arc<str> = Arc::from(lane.detector().name());
            for (number, change) in lane.take_changes() {
                changes.push((Arc::clone(&name), number, change));
            }
        }
        for (name, partitions) in &mut self.left {
            for (&number, partition) in partitions {
                changes.push((Arc::clone(name), number, partition.take_changes()));
            }
        }
        changes
    }

    /// The health of each detector on this shard.
    #[must_use]
    pub fn health(&self) -> Vec<LaneHealth> {
        self.lanes
            .iter()
            .map(|lane| {
                let (breaker, last_failure) = lane.health();
                LaneHealth {
                    detector: Arc::from(lane.detector().name()),
                    breaker,
                    last_failure,
                    state: lane.state_usage(),
                }
            })
            .collect()
    }
}

/// Takes the first events, at most `most` and all of one family.
fn take_batch(wanted: &mut Vec<Arc<Record>>, most: usize) -> Vec<Arc<Record>> {
    let family = wanted.first().map(|record| record.family());
    let count = wanted
        .iter()
        .take(most)
        .take_while(|record| Some(record.family()) == family)
        .count();
    wanted.drain(..count).collect()
}

/// Returns the shard to which a cluster-ordered detector is assigned.
fn home(name: &str, count: usize) -> usize {
    usize::from(wardline_event::partition_of("", name)) % count
}
