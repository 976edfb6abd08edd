//! Kinds of identity that make requests.

use super::namespace;
use crate::AuditEvent;

/// The kind of identity that made a request, by user name and groups, which the API server
/// authenticated. User agents are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The control plane, without impersonation ([`crate::view::User::is_control_plane`]).
    ControlPlane,
    /// Another part of the cluster: kubelets, other names with the reserved prefixes `system:` and
    /// `eks:`, and service accounts of namespaces of cluster components
    /// ([`namespace::is_sensitive`]).
    Platform,
    /// A service account of any other namespace: a Kubernetes operator, a deployer, an application.
    ServiceAccount,
    /// A person, or a program with a person's kind of credential. Also every requester that
    /// impersonates another user, and every one that is not authenticated.
    Person,
}

impl Requester {
    /// Returns the kind of identity that made a request.
    #[must_use]
    pub fn from_event(event: AuditEvent<'_>) -> Self {
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
            // EKS reserves all names with this prefix
            // (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
            None if user.is_system() || user.username().starts_with("eks:") => Self::Platform,
            None => Self::Person,
        }
    }

    /// Returns whether this is neither the control plane nor another part of the cluster.
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
        Requester::from_event(AuditEvent::from(&event))
    }

    #[test]
    fn tells_kinds_of_identity_apart() {
        let accounts = ["system:serviceaccounts"];
        for (username, groups, expected) in [
            ("system:kube-scheduler", &[][..], Requester::ControlPlane),
            ("eks:addon-manager", &[], Requester::ControlPlane),
            (
                "system:serviceaccount:kube-system:replicaset-controller",
                &accounts,
                Requester::ControlPlane,
            ),
            // A certificate may carry the user name of a service account.
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
    fn impersonation_is_a_person() {
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
    fn only_persons_and_service_accounts_are_foreign() {
        assert!(Requester::Person.is_foreign());
        assert!(Requester::ServiceAccount.is_foreign());
        assert!(!Requester::Platform.is_foreign());
        assert!(!Requester::ControlPlane.is_foreign());
    }
}
