//! Software that is installed into a namespace of its own.

use std::time::Duration;

use super::Requester;
use crate::AuditEvent;
use crate::state::{self, StateError};

/// Who made which namespace, as far as the log has told.
///
/// Whoever installs software by hand makes a namespace, then the software's accounts, roles,
/// bindings and webhooks, and then its workloads; an operator does the same for what it
/// operates. What such an installation gives to its own namespace gives nobody anything but the
/// software that is being installed. Everybody who may make namespaces can look like that: this
/// may lower a severity, and must not silence a rule.
///
/// Its detector must subscribe to `create` and `patch` of `namespaces`.
#[derive(Debug, Clone, Copy)]
pub struct Installs {
    /// How long after a person made a namespace what they do for it is its installation.
    window: Duration,
    /// How long a service account that made a namespace is known to operate it.
    remember: Duration,
}

impl Installs {
    /// Remembers what people made for `window`, and what service accounts made for `remember`.
    #[must_use]
    pub fn new(window: Duration, remember: Duration) -> Self {
        Self { window, remember }
    }

    /// Keeps who made a namespace, if the request made one.
    ///
    /// # Errors
    /// If the host does not keep it.
    pub fn learn(self, event: AuditEvent<'_>) -> Result<(), StateError> {
        // Server-side apply makes objects with a patch, which is answered with 201.
        let is_new = event.verb() == "create" || event.code() == Some(201);
        if !event.resource_is("namespaces", "") || !is_new || !event.changed_something() {
            return Ok(());
        }
        let keep = match Requester::of(event) {
            Requester::ServiceAccount => self.remember,
            Requester::Person => self.window,
            Requester::ControlPlane | Requester::Platform => return Ok(()),
        };
        made(event, event.name()).set(b"", keep)?;
        installing(event).set_text(event.name(), self.window)
    }

    /// Whether who makes a request made a namespace not long ago, after which this object is
    /// named: `tigera-operator` after the namespace of this name, `calico-node` after
    /// `calico-system`.
    ///
    /// # Errors
    /// If the host does not say.
    pub fn is_named_after_own(self, event: AuditEvent<'_>) -> Result<bool, StateError> {
        let namespace = installing(event).get_text()?;
        Ok(namespace.is_some_and(|namespace| is_named_after(event.name(), &namespace)))
    }

    /// Whether who makes a request made this namespace, and not long ago if it is a person.
    ///
    /// # Errors
    /// If the host does not say.
    pub fn is_own(self, event: AuditEvent<'_>, namespace: &str) -> Result<bool, StateError> {
        Ok(!namespace.is_empty() && made(event, namespace).get()?.is_some())
    }
}

/// Whether a name holds the first word of that of a namespace, which must not be too short to
/// tell anything.
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
    fn names_of_what_is_installed() {
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
