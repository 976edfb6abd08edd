//! The part of a detector's state that one shard holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use wardline_contract::StateError;
use wardline_event::model::EventRef;
use wardline_finding::claim::Cited;
use wardline_state::{CLUSTER, Changes, Partition, Quota, Usage};
use wardline_store::{Store, StoreError};

/// The source of state partitions: the store, or empty partitions for a scan.
#[derive(Clone)]
pub struct StateSource {
    /// The name of the detector that owns the state.
    pub detector: Arc<str>,
    /// The store; without one, each partition starts empty.
    pub store: Option<Arc<Store>>,
    /// The quota of one partition; a cluster-ordered detector has a single partition.
    pub quota: Quota,
    /// Whether the detector is cluster-ordered, with all state in one partition.
    pub cluster: bool,
}

impl StateSource {
    fn open(&self, number: u8) -> Result<Partition, StoreError> {
        match &self.store {
            Some(store) => store.partition(&self.detector, number, self.quota),
            None => Ok(Partition::new(self.quota)),
        }
    }
}

/// The open partitions, and the numbers of those that the current call uses.
pub(super) struct Memory {
    source: StateSource,
    partitions: BTreeMap<u8, Partition>,
    touched: Vec<u8>,
}

impl Memory {
    pub fn new(source: StateSource) -> Self {
        Self {
            source,
            partitions: BTreeMap::new(),
            touched: Vec::new(),
        }
    }

    pub fn is_cluster(&self) -> bool {
        self.source.cluster
    }

    /// Takes over the partitions of the detector's previous version.
    pub fn adopt(&mut self, mut partitions: BTreeMap<u8, Partition>) {
        for partition in partitions.values_mut() {
            partition.set_quota(self.source.quota);
        }
        self.partitions = partitions;
    }

    pub fn into_partitions(self) -> BTreeMap<u8, Partition> {
        self.partitions
    }

    /// Returns the partition of an actor, and starts a transaction on it for the current call.
    pub fn partition(&mut self, actor_partition: u8) -> Result<&mut Partition, StateError> {
        let number = if self.source.cluster {
            CLUSTER
        } else {
            actor_partition
        };
        let source = &self.source;
        let partition = match self.partitions.entry(number) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(
                source
                    .open(number)
                    .map_err(|error| StateError::Other(error.to_string()))?,
            ),
        };
        if !self.touched.contains(&number) {
            partition.begin();
            self.touched.push(number);
        }
        Ok(partition)
    }

    /// Commits or rolls back the writes of the call.
    pub fn finish(&mut self, keep: bool) {
        for number in self.touched.drain(..) {
            if let Some(partition) = self.partitions.get_mut(&number) {
                if keep {
                    partition.commit();
                } else {
                    partition.rollback();
                }
            }
        }
    }

    /// The events in this detector's windows.
    pub fn citations(&self) -> HashMap<EventRef, Cited> {
        self.partitions
            .values()
            .flat_map(Partition::citations)
            .map(|(event, id, time)| {
                let id = Arc::from(id);
                (event, Cited { id, time })
            })
            .collect()
    }

    pub fn take_changes(&mut self) -> Vec<(u8, Changes)> {
        self.partitions
            .iter_mut()
            .map(|(&number, partition)| (number, partition.take_changes()))
            .collect()
    }

    pub fn usage(&self) -> Usage {
        self.partitions.values().map(Partition::usage).sum()
    }
}
