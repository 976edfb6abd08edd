//! The host calls of the stand-in.

use std::sync::Arc;

use wardline_check::claim;
use wardline_decode::pointer;
use wardline_event::Record;
use wardline_intel::Intel;
use wardline_inventory::Inventory;
use wardline_state::{Memory, Moment, Partition, Quota, Room, Source};
use wardline_text::shown;

use super::TestError;
use super::deliver::Failure;
use super::limits::DEFAULT_LIMITS;
use crate::contract::{
    BindingFacts, EventRef, Hit, IntelError, LogLevel, Ordering, RawError, ServiceAccountFacts,
    StateError, StateKey, Timestamp, Window, Workload,
};
use crate::native::Host;

/// State that nothing was saved of.
#[derive(Debug)]
pub(super) struct Unsaved(Ordering);

impl Source for Unsaved {
    fn open(&self, _number: u8) -> Result<Partition, StateError> {
        Ok(Partition::new(self.quota()))
    }

    fn quota(&self) -> Quota {
        match self.0 {
            Ordering::Cluster => DEFAULT_LIMITS.quota.for_cluster(),
            Ordering::Actor => DEFAULT_LIMITS.quota,
        }
    }

    fn is_cluster(&self) -> bool {
        self.0 == Ordering::Cluster
    }
}

pub(super) struct StandIn {
    pub memory: Memory<Unsaved>,
    pub intel: Intel,
    pub inventory: Inventory,
    pub log: Vec<(LogLevel, String)>,
    /// The result of `clock.now`, if the test has set it.
    pub fixed_now: Option<Timestamp>,
    /// The newest time among the events that the current instance has received.
    pub newest: Timestamp,
    /// The reason for which a host would have stopped the current call.
    pub failure: Option<Failure>,
    batch: Vec<Arc<Record>>,
    calls: u32,
    log_lines: u32,
}

impl StandIn {
    /// Creates a host for a detector with this ordering.
    pub fn new(ordering: Ordering) -> Self {
        Self {
            memory: Memory::new(Unsaved(ordering)),
            intel: Intel::empty(),
            inventory: Inventory::new(DEFAULT_LIMITS.objects),
            log: Vec::new(),
            fixed_now: None,
            newest: 0,
            failure: None,
            batch: Vec::new(),
            calls: 0,
            log_lines: 0,
        }
    }

    /// Starts a call with a batch of events.
    pub fn enter(&mut self, batch: Vec<Arc<Record>>) {
        self.newest = batch
            .iter()
            .map(|record| record.time())
            .fold(self.newest, Timestamp::max);
        self.batch = batch;
        self.calls = 0;
        self.log_lines = 0;
        self.failure = None;
    }

    fn count(&mut self) {
        self.calls = self.calls.saturating_add(1);
        let limit = DEFAULT_LIMITS.host_calls;
        if self.calls > limit && self.failure.is_none() {
            let reason = format!("more than {limit} calls to the host");
            self.failure = Some(Failure::Batch(reason));
        }
    }

    fn record(&self, reference: EventRef) -> Option<&Arc<Record>> {
        claim::find(&self.batch, reference)
    }

    /// Counts a call to the inventory. It answers for events of the batch only, as of the event
    /// itself, or as of the event that a signal's finding is about.
    fn inventory(&mut self, as_of: EventRef) -> Option<(&Inventory, &str, EventRef)> {
        self.count();
        let subject = self.record(as_of)?.subject();
        Some((&self.inventory, &subject.cluster, subject.reference()))
    }

    fn state<R>(
        &mut self,
        place: &StateKey,
        call: impl FnOnce(&mut Partition, &Room<'_>, &Moment<'_>) -> Result<R, StateError>,
    ) -> Result<R, StateError> {
        self.count();
        let record = self.record(place.event).map(Arc::clone);
        let record = record.ok_or(StateError::UnknownEvent)?;
        self.memory.call(place, &record, call)
    }
}

impl Host for StandIn {
    fn log(&mut self, level: LogLevel, message: &str) {
        self.count();
        self.log_lines = self.log_lines.saturating_add(1);
        if self.log_lines <= DEFAULT_LIMITS.log_lines {
            let text = shown(message, DEFAULT_LIMITS.log_line_bytes);
            self.log.push((level, text));
        }
    }

    fn now(&mut self) -> u64 {
        self.count();
        self.fixed_now.unwrap_or(self.newest)
    }

    fn state_get(&mut self, place: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        self.state(place, |state, room, moment| {
            state.get(room, &place.key, moment)
        })
    }

    fn state_set(&mut self, place: &StateKey, value: &[u8], keep: u64) -> Result<(), StateError> {
        self.state(place, |state, room, moment| {
            state.set(room, &place.key, value, keep, moment)
        })
    }

    fn state_delete(&mut self, place: &StateKey) -> Result<(), StateError> {
        self.state(place, |state, room, moment| {
            state.delete(room, &place.key, moment)
        })
    }

    fn state_increment(
        &mut self,
        place: &StateKey,
        delta: i64,
        keep: u64,
    ) -> Result<i64, StateError> {
        self.state(place, |state, room, moment| {
            state.increment(room, &place.key, delta, keep, moment)
        })
    }

    fn state_first_seen(
        &mut self,
        place: &StateKey,
        member: &str,
        keep: u64,
    ) -> Result<bool, StateError> {
        self.state(place, |state, room, moment| {
            state.first_seen(room, &place.key, member, keep, moment)
        })
    }

    fn state_observe(
        &mut self,
        place: &StateKey,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError> {
        self.state(place, |state, room, moment| {
            state.observe(room, &place.key, member, length, limit, moment)
        })
    }

    fn state_clear(&mut self, place: &StateKey) -> Result<(), StateError> {
        self.state(place, |state, room, moment| {
            state.clear(room, &place.key, moment)
        })
    }

    fn intel_address(&mut self, list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
        self.count();
        self.intel.address(list, address)
    }

    fn intel_domain(&mut self, list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
        self.count();
        self.intel.domain(list, name)
    }

    fn intel_name(&mut self, list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
        self.count();
        self.intel.name(list, value)
    }

    fn intel_lists(&mut self, kind: &str) -> Vec<String> {
        self.count();
        self.intel.lists(kind)
    }

    fn inventory_pod_spec(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload> {
        let (inventory, cluster, as_of) = self.inventory(as_of)?;
        inventory.pod_spec(cluster, as_of, kind, namespace, name)
    }

    fn inventory_changed_by(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String> {
        let (inventory, cluster, as_of) = self.inventory(as_of)?;
        inventory
            .changed_by(cluster, as_of, kind, namespace, name)
            .map(|actor| actor.as_ref().to_owned())
    }

    fn inventory_service_account(
        &mut self,
        as_of: u64,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        let (inventory, cluster, as_of) = self.inventory(as_of)?;
        inventory.service_account(cluster, as_of, namespace, name)
    }

    fn inventory_bindings(&mut self, as_of: u64, subject: &str) -> Vec<BindingFacts> {
        self.inventory(as_of)
            .map(|(inventory, cluster, as_of)| inventory.bindings(cluster, as_of, subject))
            .unwrap_or_default()
    }

    fn raw_json(&mut self, event: u64, pointer: &str) -> Result<Option<String>, RawError> {
        self.count();
        let record = self.record(event).ok_or(RawError::UnknownEvent)?;
        let text = pointer::find(&record.raw, pointer).ok_or(RawError::InvalidPointer)?;
        if record.raw.is_empty() {
            let error = TestError::NoText(record.event_id.as_ref().to_owned());
            self.failure = Some(Failure::Test(error));
            return Ok(None);
        }
        match text {
            Some(text) if text.len() > DEFAULT_LIMITS.raw_bytes => {
                Err(RawError::TooLarge(DEFAULT_LIMITS.raw_bytes as u64))
            }
            text => Ok(text),
        }
    }
}
