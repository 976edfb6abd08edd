//! Connects native detectors to the host's state and inventory, without a sandbox and without
//! counting. There are no intel lists, as in the sandboxed host.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_event::Record;
use wardline_event::model::{BindingFacts, ServiceAccountFacts, Workload};
use wardline_inventory::Inventory;
use wardline_sdk::contract::{
    Hit, IntelError, LogLevel, RawError, Scope, StateError, StateKey, Window,
};
use wardline_sdk::native::Host;
use wardline_state::{Moment, Partition, Quota, Room};

pub struct NativeHost {
    inventory: Arc<Inventory>,
    quota: Quota,
    partitions: BTreeMap<u8, Partition>,
    touched: Vec<u8>,
    batch: Vec<Arc<Record>>,
    now: u64,
    is_of_cluster: bool,
}

impl NativeHost {
    /// Makes a host for a detector whose events are ordered by cluster or by actor.
    pub fn new(inventory: Arc<Inventory>, quota: Quota, is_of_cluster: bool) -> Self {
        Self {
            inventory,
            quota,
            is_of_cluster,
            partitions: BTreeMap::new(),
            touched: Vec::new(),
            batch: Vec::new(),
            now: 0,
        }
    }

    /// Starts a batch.
    pub fn enter(&mut self, batch: &[Arc<Record>]) {
        self.now = batch
            .iter()
            .map(|record| record.time())
            .fold(self.now, u64::max);
        self.batch = batch.to_vec();
    }

    /// Ends the batch and commits its writes.
    pub fn leave(&mut self) {
        for number in self.touched.drain(..) {
            if let Some(partition) = self.partitions.get_mut(&number) {
                partition.commit();
            }
        }
    }

    fn state<R>(
        &mut self,
        place: &StateKey,
        task: impl FnOnce(&mut Partition, &Room<'_>, &Moment<'_>) -> Result<R, HostError>,
    ) -> Result<R, StateError> {
        let record = self
            .batch
            .binary_search_by_key(&place.event, |record| record.reference())
            .map(|index| Arc::clone(&self.batch[index]))
            .map_err(|_| StateError::UnknownEvent)?;
        let room = match place.scope {
            Scope::Actor => Room::Actor {
                cluster: &record.cluster,
                actor: &record.actor,
            },
            Scope::Cluster if self.is_of_cluster => Room::Cluster(&record.cluster),
            Scope::Cluster => return Err(StateError::NotShared),
        };
        let number = if self.is_of_cluster {
            0
        } else {
            record.partition
        };
        let quota = self.quota;
        let partition = self
            .partitions
            .entry(number)
            .or_insert_with(|| Partition::new(quota));
        if !self.touched.contains(&number) {
            partition.begin();
            self.touched.push(number);
        }
        let moment = Moment {
            event: place.event,
            event_id: &record.event_id,
            time: record.time(),
        };
        task(partition, &room, &moment).map_err(|error| StateError::Other(format!("{error:?}")))
    }
}

type HostError = wardline_contract::StateError;

impl Host for NativeHost {
    fn log(&mut self, _: LogLevel, _: &str) {}

    fn now(&mut self) -> u64 {
        self.now
    }

    fn state_get(&mut self, place: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        self.state(place, |partition, room, moment| {
            partition.get(room, &place.key, moment)
        })
    }

    fn state_set(&mut self, place: &StateKey, value: &[u8], keep: u64) -> Result<(), StateError> {
        self.state(place, |partition, room, moment| {
            partition.set(room, &place.key, value, keep, moment)
        })
    }

    fn state_delete(&mut self, place: &StateKey) -> Result<(), StateError> {
        self.state(place, |partition, room, moment| {
            partition.delete(room, &place.key, moment)
        })
    }

    fn state_increment(
        &mut self,
        place: &StateKey,
        delta: i64,
        keep: u64,
    ) -> Result<i64, StateError> {
        self.state(place, |partition, room, moment| {
            partition.increment(room, &place.key, delta, keep, moment)
        })
    }

    fn state_first_seen(
        &mut self,
        place: &StateKey,
        member: &str,
        keep: u64,
    ) -> Result<bool, StateError> {
        self.state(place, |partition, room, moment| {
            partition.first_seen(room, &place.key, member, keep, moment)
        })
    }

    fn state_observe(
        &mut self,
        place: &StateKey,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError> {
        let window = self.state(place, |partition, room, moment| {
            partition.observe(room, &place.key, member, length, limit, moment)
        })?;
        Ok(Window {
            count: window.count,
            distinct: window.distinct,
            events: window.events,
            members: window.members,
        })
    }

    fn state_clear(&mut self, place: &StateKey) -> Result<(), StateError> {
        self.state(place, |partition, room, moment| {
            partition.clear(room, &place.key, moment)
        })
    }

    fn intel_address(&mut self, _: &str, _: &str) -> Result<Option<Hit>, IntelError> {
        Ok(None)
    }

    fn intel_domain(&mut self, _: &str, _: &str) -> Result<Option<Hit>, IntelError> {
        Ok(None)
    }

    fn intel_name(&mut self, _: &str, _: &str) -> Result<Option<Hit>, IntelError> {
        Ok(None)
    }

    fn intel_lists(&mut self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn inventory_pod_spec(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload> {
        self.inventory.pod_spec("", as_of, kind, namespace, name)
    }

    fn inventory_changed_by(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String> {
        self.inventory
            .changed_by("", as_of, kind, namespace, name)
            .map(|actor| actor.as_ref().to_owned())
    }

    fn inventory_service_account(
        &mut self,
        as_of: u64,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        self.inventory.service_account("", as_of, namespace, name)
    }

    fn inventory_bindings(&mut self, as_of: u64, subject: &str) -> Vec<BindingFacts> {
        self.inventory.bindings("", as_of, subject)
    }

    fn raw_json(&mut self, event: u64, pointer: &str) -> Result<Option<String>, RawError> {
        let record = self
            .batch
            .binary_search_by_key(&event, |record| record.reference())
            .map(|index| &self.batch[index])
            .map_err(|_| RawError::UnknownEvent)?;
        let document: serde_json::Value =
            serde_json::from_slice(&record.raw).expect("the host decoded it before");
        Ok(document.pointer(pointer).map(ToString::to_string))
    }
}
