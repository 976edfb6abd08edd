//! Host calls inside the sandbox: imports of the component.

use crate::contract::{
    BindingFacts, Hit, IntelError, LogLevel, RawError, ServiceAccountFacts, StateError, StateKey,
    Window, Workload,
};
use crate::guest::imports::wardline::detector::{clock, intel, inventory, log, raw, state};

pub(crate) fn log(level: LogLevel, message: &str) {
    log::write(level, message)
}

pub(crate) fn now() -> u64 {
    clock::now()
}

pub(crate) fn state_get(place: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
    state::get(place)
}

pub(crate) fn state_set(place: &StateKey, value: &[u8], keep: u64) -> Result<(), StateError> {
    state::set(place, value, keep)
}

pub(crate) fn state_delete(place: &StateKey) -> Result<(), StateError> {
    state::delete(place)
}

pub(crate) fn state_increment(place: &StateKey, delta: i64, keep: u64) -> Result<i64, StateError> {
    state::increment(place, delta, keep)
}

pub(crate) fn state_first_seen(
    place: &StateKey,
    member: &str,
    keep: u64,
) -> Result<bool, StateError> {
    state::first_seen(place, member, keep)
}

pub(crate) fn state_observe(
    place: &StateKey,
    member: &str,
    length: u64,
    limit: u32,
) -> Result<Window, StateError> {
    state::observe(place, member, length, limit)
}

pub(crate) fn state_clear(place: &StateKey) -> Result<(), StateError> {
    state::clear(place)
}

pub(crate) fn intel_address(list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
    intel::address(list, address)
}

pub(crate) fn intel_domain(list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
    intel::domain(list, name)
}

pub(crate) fn intel_name(list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
    intel::name(list, value)
}

pub(crate) fn intel_lists(kind: &str) -> Vec<String> {
    intel::lists(kind)
}

pub(crate) fn inventory_pod_spec(
    as_of: u64,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<Workload> {
    inventory::pod_spec(as_of, kind, namespace, name)
}

pub(crate) fn inventory_changed_by(
    as_of: u64,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<String> {
    inventory::changed_by(as_of, kind, namespace, name)
}

pub(crate) fn inventory_service_account(
    as_of: u64,
    namespace: &str,
    name: &str,
) -> Option<ServiceAccountFacts> {
    inventory::service_account(as_of, namespace, name)
}

pub(crate) fn inventory_bindings(as_of: u64, subject: &str) -> Vec<BindingFacts> {
    inventory::bindings(as_of, subject)
}

pub(crate) fn raw_json(event: u64, pointer: &str) -> Result<Option<String>, RawError> {
    raw::json(event, pointer)
}
