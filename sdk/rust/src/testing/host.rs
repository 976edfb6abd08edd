//! The host calls of the stand-in.

use super::TestError;
use super::deliver::Failure;
use super::intel::Intel;
use super::inventory::Inventory;
use super::limits::{HOST_CALLS, RAW_BYTES};
use super::sequence::Moment;
use super::state::{At, State};
use crate::contract::{
    BindingFacts, Hit, IntelError, LogLevel, Ordering, Place, RawError, Scope, ServiceAccountFacts,
    StateError, Timestamp, Window, Workload,
};
use crate::native::Host;

#[derive(Debug, Default)]
pub(super) struct StandIn {
    pub ordering: Ordering,
    pub state: State,
    pub intel: Intel,
    pub inventory: Inventory,
    pub log: Vec<(LogLevel, String)>,
    /// The result of `clock.now`, if the test has set it.
    pub fixed_now: Option<Timestamp>,
    /// The newest time among the events that the current instance has received.
    pub newest: Timestamp,
    pub batch: Vec<Moment>,
    pub calls: u32,
    /// The reason for which a host would have stopped the current call.
    pub failure: Option<Failure>,
}

impl StandIn {
    /// Starts a batch.
    pub fn enter(&mut self, batch: Vec<Moment>) {
        self.newest = batch
            .iter()
            .map(|moment| moment.time)
            .fold(self.newest, Timestamp::max);
        self.batch = batch;
        self.calls = 0;
        self.failure = None;
        self.state.begin();
    }

    fn count(&mut self) {
        self.calls = self.calls.saturating_add(1);
        if self.calls > HOST_CALLS && self.failure.is_none() {
            let reason = format!("more than {HOST_CALLS} host calls");
            self.failure = Some(Failure::Batch(reason));
        }
    }

    fn moment(&self, reference: u64) -> Option<&Moment> {
        self.batch
            .iter()
            .find(|moment| moment.reference == reference)
    }

    /// Counts a call to the inventory, which answers for events of the batch only.
    fn inventory(&mut self, as_of: u64) -> Option<&Inventory> {
        self.count();
        self.moment(as_of)?;
        Some(&self.inventory)
    }

    fn state<R>(
        &mut self,
        place: &Place,
        task: impl FnOnce(&mut State, &At<'_>) -> Result<R, StateError>,
    ) -> Result<R, StateError> {
        self.count();
        let moment = self
            .batch
            .iter()
            .find(|moment| moment.reference == place.event)
            .ok_or(StateError::UnknownEvent)?;
        let actor = match place.scope {
            Scope::Actor => Some(moment.actor.as_str()),
            Scope::Cluster if self.ordering == Ordering::Cluster => None,
            Scope::Cluster => return Err(StateError::NotShared),
        };
        let at = At {
            actor,
            name: &place.key,
            moment,
        };
        task(&mut self.state, &at)
    }
}

impl Host for StandIn {
    fn log(&mut self, level: LogLevel, message: &str) {
        self.log.push((level, message.to_owned()));
    }

    fn now(&mut self) -> u64 {
        self.count();
        self.fixed_now.unwrap_or(self.newest)
    }

    fn state_get(&mut self, place: &Place) -> Result<Option<Vec<u8>>, StateError> {
        self.state(place, |state, at| Ok(state.get(at)))
    }

    fn state_set(&mut self, place: &Place, value: &[u8], keep: u64) -> Result<(), StateError> {
        self.state(place, |state, at| state.set(at, value, keep))
    }

    fn state_delete(&mut self, place: &Place) -> Result<(), StateError> {
        self.state(place, |state, at| {
            state.delete(at);
            Ok(())
        })
    }

    fn state_increment(&mut self, place: &Place, delta: i64, keep: u64) -> Result<i64, StateError> {
        self.state(place, |state, at| state.increment(at, delta, keep))
    }

    fn state_first_seen(
        &mut self,
        place: &Place,
        member: &str,
        keep: u64,
    ) -> Result<bool, StateError> {
        self.state(place, |state, at| state.first_seen(at, member, keep))
    }

    fn state_observe(
        &mut self,
        place: &Place,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError> {
        self.state(place, |state, at| state.observe(at, member, length, limit))
    }

    fn state_clear(&mut self, place: &Place) -> Result<(), StateError> {
        self.state(place, |state, at| {
            state.clear(at);
            Ok(())
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
        self.inventory(as_of)?
            .pod_spec(as_of, kind, namespace, name)
    }

    fn inventory_changed_by(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String> {
        self.inventory(as_of)?
            .changed_by(as_of, kind, namespace, name)
    }

    fn inventory_service_account(
        &mut self,
        as_of: u64,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        self.inventory(as_of)?
            .service_account(as_of, namespace, name)
    }

    fn inventory_bindings(&mut self, as_of: u64, subject: &str) -> Vec<BindingFacts> {
        self.inventory(as_of)
            .map(|inventory| inventory.bindings(as_of, subject))
            .unwrap_or_default()
    }

    fn raw_json(&mut self, event: u64, pointer: &str) -> Result<Option<String>, RawError> {
        self.count();
        let moment = self.moment(event).ok_or(RawError::UnknownEvent)?;
        if !is_pointer(pointer) {
            return Err(RawError::InvalidPointer);
        }
        let Some(text) = &moment.text else {
            let error = TestError::NoText(moment.id.clone());
            self.failure = Some(Failure::Test(error));
            return Ok(None);
        };
        let found = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|document| document.pointer(pointer).map(ToString::to_string));
        match found {
            Some(text) if text.len() > RAW_BYTES => Err(RawError::TooLarge(RAW_BYTES as u64)),
            found => Ok(found),
        }
    }
}

/// Returns whether a text is a JSON pointer (RFC 6901, section 3): empty, or tokens that each
/// follow a `/`, with `~` only in `~0` and `~1`.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']))
}
