//! The part of a detector's state that one shard holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use wardline_contract::{Scope, StateError, StateKey};
use wardline_event::model::EventRef;
use wardline_event::{Cited, Record};

use super::{CLUSTER, Changes, Moment, Partition, Quota, Room, Usage};

/// The source of a detector's partitions.
pub trait Source {
    /// Opens a partition, with what was saved of it.
    ///
    /// # Errors
    /// Returns [`StateError::Other`] if what was saved cannot be read.
    fn open(&self, number: u8) -> Result<Partition, StateError>;

    /// The quota of one partition; a cluster-ordered detector has a single partition.
    fn quota(&self) -> Quota;

    /// Whether the detector is cluster-ordered, with all state in one partition.
    fn is_cluster(&self) -> bool;
}

/// The open partitions, and the numbers of those that the current call uses.
#[derive(Debug)]
pub struct Memory<S> {
    source: S,
    partitions: BTreeMap<u8, Partition>,
    touched: Vec<u8>,
}

impl<S: Source> Memory<S> {
    /// Creates a memory without open partitions.
    #[must_use]
    pub fn new(source: S) -> Self {
        Self {
            source,
            partitions: BTreeMap::new(),
            touched: Vec::new(),
        }
    }

    /// Takes over the partitions of the detector's previous version.
    pub fn adopt(&mut self, mut partitions: BTreeMap<u8, Partition>) {
        for partition in partitions.values_mut() {
            partition.set_quota(self.source.quota());
        }
        self.partitions = partitions;
    }

    /// Returns the open partitions, for the next version.
    #[must_use]
    pub fn into_partitions(self) -> BTreeMap<u8, Partition> {
        self.partitions
    }

    /// Runs a call of the `state` interface for an event of the batch, in the partition of the
    /// event's actor.
    ///
    /// # Errors
    /// Returns [`StateError::NotShared`] if the place belongs to the cluster and the detector is not
    /// cluster-ordered, and otherwise the error of `call` or of [`Source::open`].
    pub fn call<T>(
        &mut self,
        place: &StateKey,
        record: &Record,
        call: impl FnOnce(&mut Partition, &Room<'_>, &Moment<'_>) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let room = match place.scope {
            Scope::Actor => Room::Actor {
                cluster: &record.cluster,
                actor: &record.actor,
            },
            Scope::Cluster if self.source.is_cluster() => Room::Cluster(&record.cluster),
            Scope::Cluster => return Err(StateError::NotShared),
        };
        let moment = Moment {
            event: record.reference(),
            event_id: &record.event_id,
            time: record.time(),
        };
        call(self.partition(record.partition)?, &room, &moment)
    }

    /// Returns the partition of an actor, and starts a transaction on it for the current call.
    fn partition(&mut self, actor_partition: u8) -> Result<&mut Partition, StateError> {
        let number = if self.source.is_cluster() {
            CLUSTER
        } else {
            actor_partition
        };
        let source = &self.source;
        let partition = match self.partitions.entry(number) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(source.open(number)?),
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
    #[must_use]
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

    /// Takes the changes of each partition since the last call.
    pub fn take_changes(&mut self) -> Vec<(u8, Changes)> {
        self.partitions
            .iter_mut()
            .map(|(&number, partition)| (number, partition.take_changes()))
            .collect()
    }

    /// Returns the size of all open partitions.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.partitions.values().map(Partition::usage).sum()
    }
}
