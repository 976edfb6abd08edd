//! The part of a detector's state that a shard holds while it runs it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use wardline_contract::StateError;
use wardline_state::{CLUSTER, Changes, Partition, Quota, Usage};
use wardline_store::{Store, StoreError};

/// Where partitions come from: the store, or nothing for a scan.
#[derive(Clone)]
pub struct StateSource {
    /// Whose state it is.
    pub detector: Arc<str>,
    /// The store; without one each partition begins empty.
    pub store: Option<Arc<Store>>,
    /// The quota of one partition of an actor-ordered detector, and that of the
    /// one partition of a cluster-ordered one.
    pub quota: Quota,
    /// Whether all state is in one partition.
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

/// The partitions in use, and those that the present call has written to.
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

    /// Takes over the partitions that an older version of the detector used.
    pub fn adopt(&mut self, mut partitions: BTreeMap<u8, Partition>) {
        for partition in partitions.values_mut() {
            partition.set_quota(self.source.quota);
        }
        self.partitions = partitions;
    }

    pub fn into_partitions(self) -> BTreeMap<u8, Partition> {
        self.partitions
    }

    /// The partition of an actor, opened for the present call.
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

    /// Keeps what the call wrote, or undoes it.
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

    /// The events that windows of this detector hold, with their audit ids.
    pub fn citations(&self) -> HashMap<u64, Arc<str>> {
        self.partitions
            .values()
            .flat_map(Partition::citations)
            .map(|(event, audit_id)| (event, Arc::from(audit_id)))
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
