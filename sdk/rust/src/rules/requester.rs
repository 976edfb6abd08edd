//! Kinds of identity that make requests.

use super::{agent, namespace};
use crate::AuditEvent;

/// The kind of identity that made a request, by user name and groups, which the API server
/// authenticated.
///
/// Programs repeat their work, so rules rate it lower. That holds for the program that the
/// credential was given to. If a tool of [`agent::hand_tool`] holds it, a person does, and the
/// requester is a [`Person`](Self::Person), except for the control plane's own identities. No other user agent counts, since the client chooses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Requester {
    /// The control plane, without impersonation ([`crate::view::User::is_control_plane`]).
    ControlPlane,
    /// Another part of the cluster: kubelets and whoever else is in their groups
    /// ([`User::is_kubelet`](crate::view::User::is_kubelet)), other names with the reserved prefixes
    /// `system:` and `eks:`, and service accounts of namespaces of cluster components
    /// ([`namespace::is_sensitive`]).
    Platform,
    /// A service account of any other namespace: a Kubernetes operator, a deployer, an application.
    ServiceAccount,
    /// A person, or a program with a person's kind of credential. Also a person who holds the
    /// credential of a program, every requester that impersonates another user (except a service
    /// account that impersonates one, as deployment tools do for their tenants), and every one that
    /// is not authenticated.
    Person,
}

impl Requester {
    /// Returns the kind of identity that made a request.
    #[must_use]
    pub fn from_event(event: AuditEvent<'_>) -> Self {
        let user = event.user();
        if let Some(actor) = event.impersonated_user() {
            let is_program = user.is_service_account()
                && actor.is_service_account()
                && agent::hand_tool(event.user_agent()).is_none();
            return if is_program {
                Self::ServiceAccount
            } else {
                Self::Person
            };
        }
        // `credential-misuse` reports components' credentials in a hand tool, and clouds maintain
        // add-ons with kubectl.
        if user.is_control_plane() {
            return Self::ControlPlane;
        }
        let kind = match user.service_account() {
            Some((home, _)) if namespace::is_sensitive(home) => Self::Platform,
            Some(_) => Self::ServiceAccount,
            // The administrator's certificate of OpenShift and k3s.
            None if user.username() == "system:admin" => Self::Person,
            None if user.is_kubelet() => Self::Platform,
            // EKS reserves all names with this prefix
            // (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
            None if user.is_system() || user.username().starts_with("eks:") => Self::Platform,
            None => Self::Person,
        };
        if agent::hand_tool(event.user_agent()).is_some() {
            Self::Person
        } else {
            kind
        }
    }

    /// Returns whether a service account made the request with its own program. Rules that rate the
    /// work of programs lower ask this and not
    /// [`User::is_service_account`](crate::view::User::is_service_account), which also holds for a
    /// person with a copied token.
    #[must_use]
    pub fn is_program(event: AuditEvent<'_>) -> bool {
        event.actor().is_service_account() && Self::from_event(event) != Self::Person
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

    fn event(
        username: &str,
        groups: &[&str],
        impersonated: Option<&str>,
        agent: &str,
    ) -> contract::AuditEvent {
        let user = |name: &str| contract::User {
            username: name.to_owned(),
            ..contract::User::default()
        };
        contract::AuditEvent {
            user: contract::User {
                groups: groups.iter().map(|&group| group.to_owned()).collect(),
                ..user(username)
            },
            impersonated_user: impersonated.map(user),
            user_agent: agent.to_owned(),
            ..contract::AuditEvent::default()
        }
    }

    fn of(username: &str, groups: &[&str], impersonated: Option<&str>) -> Requester {
        let event = event(username, groups, impersonated, "");
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
            ("worker-pool", &["system:nodes"], Requester::Platform),
            ("joining", &["system:bootstrappers"], Requester::Platform),
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
    fn program_may_impersonate_accounts() {
        let flux = "system:serviceaccount:flux-system:kustomize-controller";
        let tenant = "system:serviceaccount:shop:deployer";
        assert_eq!(of(flux, &[], Some(tenant)), Requester::ServiceAccount);
        assert_eq!(of("alice", &[], Some(tenant)), Requester::Person);
        assert_eq!(of(flux, &[], Some("alice")), Requester::Person);
    }

    #[test]
    fn hand_tool_makes_a_person_of_a_program() {
        let accounts = ["system:serviceaccounts"];
        for (username, groups) in [
            ("system:serviceaccount:kube-system:coredns", &accounts[..]),
            ("system:serviceaccount:argocd:server", &accounts),
            ("system:node:n1", &["system:nodes"]),
            ("worker-pool", &["system:nodes"]),
        ] {
            for (agent, is_person) in [
                ("kubectl/v1.36.2", true),
                ("curl/8.5.0", true),
                ("Wget/1.21", true),
                ("argocd-application-controller/v0.0.0", false),
                ("", false),
            ] {
                let event = event(username, groups, None, agent);
                let event = AuditEvent::from(&event);
                let kind = Requester::from_event(event);
                assert_eq!(kind == Requester::Person, is_person, "{username} {agent}");
                let is_program = event.user().is_service_account() && !is_person;
                assert_eq!(
                    Requester::is_program(event),
                    is_program,
                    "{username} {agent}"
                );
            }
        }
        // The add-on manager of GKE and minikube is a script that runs kubectl.
        let event = event(
            "system:addon-manager",
            &["system:masters"],
            None,
            "kubectl/v1.36.2",
        );
        let kind = Requester::from_event(AuditEvent::from(&event));
        assert_eq!(kind, Requester::ControlPlane);
    }

    #[test]
    fn only_persons_and_service_accounts_are_foreign() {
        assert!(Requester::Person.is_foreign());
        assert!(Requester::ServiceAccount.is_foreign());
        assert!(!Requester::Platform.is_foreign());
        assert!(!Requester::ControlPlane.is_foreign());
    }
}
