//! Host calls outside the sandbox, which go to a stand-in for the host.

use std::cell::RefCell;
use std::rc::Rc;

use crate::contract::{
    BindingFacts, Hit, IntelError, LogLevel, RawError, ServiceAccountFacts, StateError, StateKey,
    Window, Workload,
};

/// A stand-in for the host. Without one, log lines are dropped, the time is 0, the inventory is
/// empty, and calls to `state`, `intel`, and `raw` fail.
pub trait Host {
    /// `log.write`.
    fn log(&mut self, level: LogLevel, message: &str);

    /// `clock.now`, in nanoseconds since the Unix epoch.
    fn now(&mut self) -> u64;

    /// `state.get`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_get(&mut self, place: &StateKey) -> Result<Option<Vec<u8>>, StateError>;

    /// `state.set`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_set(&mut self, place: &StateKey, value: &[u8], keep: u64) -> Result<(), StateError>;

    /// `state.delete`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_delete(&mut self, place: &StateKey) -> Result<(), StateError>;

    /// `state.increment`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_increment(
        &mut self,
        place: &StateKey,
        delta: i64,
        keep: u64,
    ) -> Result<i64, StateError>;

    /// `state.first-seen`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_first_seen(
        &mut self,
        place: &StateKey,
        member: &str,
        keep: u64,
    ) -> Result<bool, StateError>;

    /// `state.observe`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_observe(
        &mut self,
        place: &StateKey,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError>;

    /// `state.clear`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn state_clear(&mut self, place: &StateKey) -> Result<(), StateError>;

    /// `intel.address`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn intel_address(&mut self, list: &str, address: &str) -> Result<Option<Hit>, IntelError>;

    /// `intel.domain`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn intel_domain(&mut self, list: &str, name: &str) -> Result<Option<Hit>, IntelError>;

    /// `intel.name`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn intel_name(&mut self, list: &str, value: &str) -> Result<Option<Hit>, IntelError>;

    /// `intel.lists`.
    fn intel_lists(&mut self, kind: &str) -> Vec<String>;

    /// `inventory.pod-spec`.
    fn inventory_pod_spec(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload>;

    /// `inventory.changed-by`.
    fn inventory_changed_by(
        &mut self,
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String>;

    /// `inventory.service-account`.
    fn inventory_service_account(
        &mut self,
        as_of: u64,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts>;

    /// `inventory.bindings`.
    fn inventory_bindings(&mut self, as_of: u64, subject: &str) -> Vec<BindingFacts>;

    /// `raw.json`.
    ///
    /// # Errors
    /// As the contract defines them.
    fn raw_json(&mut self, event: u64, pointer: &str) -> Result<Option<String>, RawError>;
}

thread_local! {
    static HOST: RefCell<Option<Rc<RefCell<dyn Host>>>> = const { RefCell::new(None) };
}

/// Runs a task while the host calls of this thread go to `host`, which must not be borrowed
/// meanwhile.
pub fn with_host<R>(host: Rc<RefCell<dyn Host>>, task: impl FnOnce() -> R) -> R {
    struct Restore(Option<Rc<RefCell<dyn Host>>>);

    impl Drop for Restore {
        fn drop(&mut self) {
            HOST.set(self.0.take());
        }
    }

    let _restore = Restore(HOST.replace(Some(host)));
    task()
}

fn call<R>(task: impl FnOnce(&mut dyn Host) -> R) -> Option<R> {
    let host = HOST.with_borrow(Clone::clone)?;
    let mut host = host.try_borrow_mut().ok()?;
    Some(task(&mut *host))
}

const NO_HOST: &str = "this thread has no host";

/// The functions by which the rest of the SDK calls the host.
pub(crate) mod calls {
    use super::{
        BindingFacts, Hit, IntelError, LogLevel, NO_HOST, RawError, ServiceAccountFacts,
        StateError, StateKey, Window, Workload, call,
    };

    pub(crate) fn log(level: LogLevel, message: &str) {
        call(|host| host.log(level, message));
    }

    pub(crate) fn now() -> u64 {
        call(|host| host.now()).unwrap_or_default()
    }

    pub(crate) fn state_get(place: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        call(|host| host.state_get(place))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_set(place: &StateKey, value: &[u8], keep: u64) -> Result<(), StateError> {
        call(|host| host.state_set(place, value, keep))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_delete(place: &StateKey) -> Result<(), StateError> {
        call(|host| host.state_delete(place))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_increment(
        place: &StateKey,
        delta: i64,
        keep: u64,
    ) -> Result<i64, StateError> {
        call(|host| host.state_increment(place, delta, keep))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_first_seen(
        place: &StateKey,
        member: &str,
        keep: u64,
    ) -> Result<bool, StateError> {
        call(|host| host.state_first_seen(place, member, keep))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_observe(
        place: &StateKey,
        member: &str,
        length: u64,
        limit: u32,
    ) -> Result<Window, StateError> {
        call(|host| host.state_observe(place, member, length, limit))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn state_clear(place: &StateKey) -> Result<(), StateError> {
        call(|host| host.state_clear(place))
            .unwrap_or_else(|| Err(StateError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn intel_address(list: &str, address: &str) -> Result<Option<Hit>, IntelError> {
        call(|host| host.intel_address(list, address))
            .unwrap_or_else(|| Err(IntelError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn intel_domain(list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
        call(|host| host.intel_domain(list, name))
            .unwrap_or_else(|| Err(IntelError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn intel_name(list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
        call(|host| host.intel_name(list, value))
            .unwrap_or_else(|| Err(IntelError::Other(NO_HOST.to_owned())))
    }

    pub(crate) fn intel_lists(kind: &str) -> Vec<String> {
        call(|host| host.intel_lists(kind)).unwrap_or_default()
    }

    pub(crate) fn inventory_pod_spec(
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<Workload> {
        call(|host| host.inventory_pod_spec(as_of, kind, namespace, name)).unwrap_or_default()
    }

    pub(crate) fn inventory_changed_by(
        as_of: u64,
        kind: &str,
        namespace: &str,
        name: &str,
    ) -> Option<String> {
        call(|host| host.inventory_changed_by(as_of, kind, namespace, name)).unwrap_or_default()
    }

    pub(crate) fn inventory_service_account(
        as_of: u64,
        namespace: &str,
        name: &str,
    ) -> Option<ServiceAccountFacts> {
        call(|host| host.inventory_service_account(as_of, namespace, name)).unwrap_or_default()
    }

    pub(crate) fn inventory_bindings(as_of: u64, subject: &str) -> Vec<BindingFacts> {
        call(|host| host.inventory_bindings(as_of, subject)).unwrap_or_default()
    }

    pub(crate) fn raw_json(event: u64, pointer: &str) -> Result<Option<String>, RawError> {
        call(|host| host.raw_json(event, pointer)).unwrap_or(Err(RawError::UnknownEvent))
    }
}
