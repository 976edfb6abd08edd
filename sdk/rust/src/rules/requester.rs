//! What kind of identity made a request.

use super::namespace;
use crate::AuditEvent;

/// Who is behind a request, as far as authentication tells. User names and groups are what the
/// API server has authenticated; the user agent is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The control plane at its own work ([`crate::view::User::is_control_plane`]).
    ControlPlane,
    /// What else comes with a cluster: kubelets, other names of the reserved prefixes `system:`
    /// and `eks:`, and service accounts of namespaces that hold the cluster's own parts
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
            // Beyond those that are known: names that EKS keeps for itself
            // (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
            None if user.is_system() || user.username().starts_with("eks:") => Self::Platform,
            None => Self::Person,
        }
    }

    /// Whether this is neither the control plane nor another part of the cluster.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::ServiceAccount | Self::Person)
    }
}

#[cfg(test)]
mod tests {
    use super::Requester;
    use crate::{AuditEvent, contract};

    fn of(username: &str, groups: &[&str], impersonated: Option<&str>) -> Requester {
        let user = |name: &str| contract::User {
            username: name.to_owned(),
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
            ..contract::User::default()
        };
        let event = contract::AuditEvent {
            user: user(username),
            impersonated_user: impersonated.map(user),
            ..contract::AuditEvent::default()
        };
        Requester::of(AuditEvent::from(&event))
    }

    #[test]
    fn who_is_who() {
        let accounts = ["system:serviceaccounts"];
        for (username, groups, expected) in [
            ("system:kube-scheduler", &[][..], Requester::ControlPlane),
            ("eks:addon-manager", &[], Requester::ControlPlane),
            (
                "system:serviceaccount:kube-system:replicaset-controller",
                &accounts,
                Requester::ControlPlane,
            ),
            // Of a user name alone it is not known that it is a service account's.
            (
                "system:serviceaccount:kube-system:replicaset-controller",
                &[],
                Requester::Platform,
            ),
            (
                "system:serviceaccount:kube-system:coredns",
                &accounts,
                Requester::Platform,
            ),
            (
                "system:serviceaccount:openshift-etcd:x",
                &accounts,
                Requester::Platform,
            ),
            ("system:node:n1", &["system:nodes"], Requester::Platform),
            (
                "system:serviceaccount:argocd:server",
                &accounts,
                Requester::ServiceAccount,
            ),
            ("eks:something-new", &[], Requester::Platform),
            ("alice", &[], Requester::Person),
            ("system:admin", &["system:masters"], Requester::Person),
            (
                "system:anonymous",
                &["system:unauthenticated"],
                Requester::Person,
            ),
            ("", &[], Requester::Person),
        ] {
            assert_eq!(of(username, groups, None), expected, "{username}");
        }
    }

    #[test]
    fn a_borrowed_name_hides_nobody() {
        assert_eq!(
            of("alice", &[], Some("system:kube-scheduler")),
            Requester::Person
        );
        assert_eq!(
            of("system:kube-scheduler", &[], Some("alice")),
            Requester::Person
        );
    }

    #[test]
    fn who_is_foreign() {
        assert!(Requester::Person.is_foreign());
        assert!(Requester::ServiceAccount.is_foreign());
        assert!(!Requester::Platform.is_foreign());
        assert!(!Requester::ControlPlane.is_foreign());
    }
}
