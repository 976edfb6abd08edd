//! Cluster objects as the audit log has shown them, at the time just before a given event.
//!
//! The inventory does not know objects that were last changed before the log began: a missing
//! object proves nothing. A descriptor names the kinds of object that it queries
//! ([`remembers`](crate::Descriptor::remembers)).
//!
//! ```
//! use wardline_sdk::{AuditEvent, inventory};
//!
//! /// Returns whether a request is an exec into a pod with privileged containers.
//! fn is_exec_into_privileged(event: AuditEvent<'_>) -> bool {
//!     event.resource_is("pods", "exec")
//!         && inventory::pod_spec(event, "pods", event.namespace(), event.name())
//!             .is_some_and(|pod| pod.workload().privileged_containers().next().is_some())
//! }
//! # let _ = is_exec_into_privileged;
//! ```

use wardline_event::packed::Owned;

use crate::calls;
use crate::contract;
use crate::view::{self, BindingFacts, List, Referenced, ServiceAccountFacts, View, Workload};

/// Returns the pod spec of an object, or none if the log has not shown it. `kind` is the resource
/// in the plural, such as `pods` or `deployments`.
#[must_use]
pub fn pod_spec(
    as_of: impl Referenced,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<PodSpec> {
    calls::inventory_pod_spec(as_of.reference().number(), kind, namespace, name)
        .and_then(|workload| Owned::of(&workload).ok())
        .map(PodSpec)
}

/// Returns the actor that created an object or last changed its spec, or none if the log has not
/// shown it.
#[must_use]
pub fn changed_by(
    as_of: impl Referenced,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<String> {
    calls::inventory_changed_by(as_of.reference().number(), kind, namespace, name)
}

/// Returns a service account, or none if the log has not shown it.
#[must_use]
pub fn service_account(
    as_of: impl Referenced,
    namespace: &str,
    name: &str,
) -> Option<ServiceAccount> {
    calls::inventory_service_account(as_of.reference().number(), namespace, name)
        .and_then(|facts| Owned::of(&facts).ok())
        .map(ServiceAccount)
}

/// Returns the bindings that name a subject: a user name
/// (`system:serviceaccount:NAMESPACE:NAME` for service accounts) or a group name.
#[must_use]
pub fn bindings(as_of: impl Referenced, subject: &str) -> Bindings {
    let bindings = calls::inventory_bindings(as_of.reference().number(), subject);
    Bindings(Owned::of(&bindings).unwrap_or_default())
}

/// A pod spec from the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct PodSpec(Owned<contract::Workload>);

impl PodSpec {
    /// The spec.
    #[must_use]
    pub fn workload(&self) -> Workload<'_> {
        view::Workload::of(self.0.view())
    }
}

/// A service account from the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceAccount(Owned<contract::ServiceAccountFacts>);

impl ServiceAccount {
    /// The facts of the service account.
    #[must_use]
    pub fn facts(&self) -> ServiceAccountFacts<'_> {
        view::ServiceAccountFacts::of(self.0.view())
    }
}

/// Bindings from the inventory.
#[derive(Debug, Clone, PartialEq)]
pub struct Bindings(Owned<Vec<contract::BindingFacts>>);

impl Bindings {
    /// The bindings.
    #[must_use]
    pub fn iter(&self) -> List<'_, BindingFacts<'_>> {
        List::of(self.0.view())
    }
}
