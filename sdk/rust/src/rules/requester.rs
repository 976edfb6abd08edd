//! What kind of identity made a request.

use super::namespace;
use crate::AuditEvent;

/// Who is behind a request, as far as authentication tells. User names and groups are what the
/// API server has authenticated; the user agent is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The control plane at its own work ([`crate::view::User::is_control_plane`]).
    ControlPlane,
    /// What else comes with a cluster: kubelets, other names of the reserved prefix `system:`,
    /// and service accounts of namespaces that hold the cluster's own parts
    /// ([`namespace::is_sensitive`]).
    Platform,
    /// A service account of any other namespace: an operator, a deployer, an application.
    ServiceAccount,
    /// A person, or a robot with a person's kind of credential. Also who acts as somebody else,
    /// whatever the name that is borrowed, and who is not authenticated.
    Person,
}

impl Requester {
    /// Who made the request.
    #[must_use]
    pub fn of(event: AuditEvent<'_>) -> Self {
        let user = event.user();
        if event.impersonated_user().is_some() {
            return Self::Person;
        }
        if user.is_control_plane() {
            return Self::ControlPlane;
        }
        match user.service_account() {
            Some((home, _)) if namespace::is_sensitive(home) => Self::Platform,
            Some(_) => Self::ServiceAccount,
            // The administrator's certificate of OpenShift and k3s.
            None if user.username() == "system:admin" => Self::Person,
            None if user.is_system() => Self::Platform,
            None => Self::Person,
        }
    }

    /// Whether this is neither the control plane nor another part of the cluster.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::ServiceAccount | Self::Person)
    }
}
