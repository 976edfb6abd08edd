//! One thread's part of the work.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::claim::Claim;
use super::{BreakerState, Failure, Generation, Lane, NotJudged, Services, Tally};
use crate::route::Record;
use crate::state::{Changes, Partition, Usage};

/// What a shard has to say after a piece of work.
#[derive(Default)]
pub struct ShardOutput {
    /// Claims, in no order that matters.
    pub claims: Vec<Claim>,
    /// Events that some detector should have judged and did not.
    pub not_judged: Vec<NotJudged>,
    /// What each detector did, by name.
    pub tallies: BTreeMap<Arc<str>, Tally>,
}

/// How a detector fares on one shard.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneHealth {
    /// The detector's name.
    pub detector: Arc<str>,
    /// The worst of its breakers.
    pub breaker: BreakerState,
    /// What failed last.
    pub last_failure: Option<Failure>,
    /// What its state takes.
    pub state: Usage,
}

/// One thread's part of the work: a lane for each detector.
pub struct Shard {
    index: usize,
    count: usize,
    batch: usize,
    services: Services,
    lanes: Vec<Lane>,
    /// State of detectors that are not at work now, kept until it is saved.
    left: BTreeMap<Arc<str>, BTreeMap<u8, Partition>>,
}

impl Shard {
    /// Shard `index` of `count`. A detector gets at most `batch` events in a call.
    #[must_use]
    pub fn new(index: usize, count: usize, batch: usize, services: Services) -> Self {
        Self {
            index,
            count: count.max(1),
            batch: batch.max(1),
            services,
            lanes: Vec::new(),
            left: BTreeMap::new(),
        }
    }

    /// Puts another generation to work. Lanes of versions that stay are not touched;
    /// a new version goes on with the state of the one before.
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
    }

    /// Judges events, which come in order. Those that are not of this shard are
    /// passed over: an event belongs to the shard of its actor, and for a
    /// cluster-ordered detector to the shard of that detector.
    pub fn judge(&mut self, records: &[Arc<Record>]) -> ShardOutput {
        let mut output = ShardOutput::default();
        for lane in &mut self.lanes {
            let detector = Arc::clone(lane.detector());
            let cluster = detector
                .is_cluster_ordered()
                .then(|| home(detector.name(), self.count));
            if cluster.is_some_and(|home| home != self.index) {
                continue;
            }
            let mut batch = Vec::new();
            for record in records {
                let here =
                    cluster.is_some() || usize::from(record.partition) % self.count == self.index;
                if here && detector.subscriptions.matches(record) {
                    batch.push(Arc::clone(record));
                    if batch.len() >= self.batch {
                        lane.judge(
                            std::mem::take(&mut batch),
                            &mut output.claims,
                            &mut output.not_judged,
                        );
                    }
                }
            }
            if !batch.is_empty() {
                lane.judge(batch, &mut output.claims, &mut output.not_judged);
            }
            let tally = lane.take_tally();
            if !tally.is_empty() {
                output.tallies.insert(Arc::from(detector.name()), tally);
            }
        }
        output
    }

    /// What changed in the state of all detectors since the last time.
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

    /// How each detector fares here.
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

/// The shard that runs a cluster-ordered detector.
fn home(name: &str, count: usize) -> usize {
    usize::from(crate::state::partition_of(name)) % count
}
