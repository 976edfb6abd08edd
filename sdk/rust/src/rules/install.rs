//! Installations of software into a namespace of its own.

use std::time::Duration;

use super::Requester;
use crate::AuditEvent;
use crate::state::{self, StateError};

/// The creators of namespaces, as far as the log has shown them.
///
/// A person who installs software creates a namespace, then the software's accounts, roles,
/// bindings, and webhooks, and then its workloads; a Kubernetes operator does the same for its
/// operands. The rights that such an installation grants within its own namespace go to the
/// installed software only. Anyone who may create namespaces can imitate that: it may lower a
/// severity, and must not silence a rule.
///
/// The detector must subscribe to `create` and `patch` of `namespaces`.
#[derive(Debug, Clone, Copy)]
pub struct Installs {
    /// The period, after a person created a namespace, in which their requests count as its
    /// installation.
    window: Duration,
    /// The period for which a service account that created a namespace counts as its operator.
    remember: Duration,
}

impl Installs {
    /// Remembers namespaces that people create for `window`, and those that service accounts create
    /// for `remember`.
    #[must_use]
    pub fn new(window: Duration, remember: Duration) -> Self {
        Self { window, remember }
    }

    /// Remembers the creator of a namespace, if the request created one.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot store it.
    pub fn observe(self, event: AuditEvent<'_>) -> Result<(), StateError> {
        // Server-side apply creates objects with a patch, which is answered with 201.
        let is_new = event.verb() == "create" || event.code() == Some(201);
        if !event.resource_is("namespaces", "") || !is_new || !event.changed_something() {
            return Ok(());
        }
        let keep = match Requester::from_event(event) {
            Requester::ServiceAccount => self.remember,
            Requester::Person => self.window,
            Requester::ControlPlane | Requester::Platform => return Ok(()),
        };
        made(event, event.name()).set(b"", keep)?;
        installing(event).set_text(event.name(), self.window)
    }

    /// Returns whether the object is named after the namespace that its requester last created:
    /// `tigera-operator` after the namespace of that name, `calico-node` after `calico-system`.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read the state.
    pub fn is_named_after_own(self, event: AuditEvent<'_>) -> Result<bool, StateError> {
        let namespace = installing(event).get_text()?;
        Ok(namespace.is_some_and(|namespace| is_named_after(event.name(), &namespace)))
    }

    /// Returns whether the requester created this namespace within the period that applies to it.
    ///
    /// # Errors
    /// Returns a [`StateError`] if the host cannot read the state.
    pub fn is_own(self, event: AuditEvent<'_>, namespace: &str) -> Result<bool, StateError> {
        Ok(!namespace.is_empty() && made(event, namespace).get()?.is_some())
    }
}

/// Returns whether a name contains the first word of a namespace's name. Words of fewer than four
/// letters are too common to count.
fn is_named_after(name: &str, namespace: &str) -> bool {
    let word = namespace.split('-').next().unwrap_or_default();
    word.len() >= 4 && name.contains(word)
}

fn installing(event: AuditEvent<'_>) -> state::Value {
    state::actor(event).key("namespace-last-made")
}

fn made(event: AuditEvent<'_>, namespace: &str) -> state::Value {
    state::actor(event).key(format!("namespace-made/{namespace}"))
}

#[cfg(test)]
mod tests {
    use super::is_named_after;

    #[test]
    fn objects_are_named_after_the_first_word() {
        for (name, namespace, expected) in [
            ("tigera-operator", "tigera-operator", true),
            ("calico-node", "calico-system", true),
            ("istiod-clusterrole-istio-system", "istio-system", true),
            ("wildcard", "istio-system", false),
            ("ops-admin", "ops", false),
            ("x", "", false),
        ] {
            assert_eq!(is_named_after(name, namespace), expected, "{name}");
        }
    }
}
