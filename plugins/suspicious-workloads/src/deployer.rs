//! Who deploys a workload, and who changes it by hand.

use wardline_sdk::inventory;

use crate::request::Request;

/// How a change stands to what the log told of who changed the object before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployer {
    /// The same account as before.
    Same,
    /// A person, where a robot deployed before.
    PersonAfterRobot,
    /// Another account.
    Other,
    /// Nobody is known; a person sent the change by hand: `kubectl patch`, `edit`, `set`.
    UnknownByHand,
    /// Nobody is known.
    Unknown,
}

impl Deployer {
    pub fn of(request: &Request<'_>) -> Self {
        let event = request.event;
        let before =
            inventory::changed_by(event, request.resource, event.namespace(), event.name())
                .filter(|name| !is_of_cluster(name));
        let username = event.user().username();
        let is_person = event.user().is_person();
        match before {
            Some(name) if name == username => Self::Same,
            Some(name) if is_person && name.starts_with("system:serviceaccount:") => {
                Self::PersonAfterRobot
            }
            Some(_) => Self::Other,
            None if is_person && is_by_hand(event.request_uri()) => Self::UnknownByHand,
            None => Self::Unknown,
        }
    }
}

/// Controllers write to the objects that they work on too.
fn is_of_cluster(name: &str) -> bool {
    name.starts_with("system:serviceaccount:kube-system:")
        || (name.starts_with("system:") && !name.starts_with("system:serviceaccount:"))
}

/// Whether the client's field manager is one of kubectl's commands for single changes, or none,
/// as when the request was made with a plain HTTP client. Who applies a manifest sends all of
/// it. The client chooses the name; it only makes a difference where nothing else is known.
fn is_by_hand(uri: &str) -> bool {
    match uri.split_once("fieldManager=") {
        None => true,
        Some((_, rest)) => {
            let manager = rest.split('&').next().unwrap_or_default();
            matches!(
                manager,
                "kubectl-patch" | "kubectl-edit" | "kubectl-set" | "kubectl-replace"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_by_hand, is_of_cluster};

    #[test]
    fn field_managers_tell_how_a_change_was_made() {
        for (uri, expected) in [
            ("/apis/apps/v1/namespaces/shop/deployments/web", true),
            ("/x?fieldManager=kubectl-patch", true),
            ("/x?dryRun=&fieldManager=kubectl-edit&a=b", true),
            ("/x?fieldManager=kubectl-client-side-apply", false),
            ("/x?fieldManager=argocd-controller", false),
        ] {
            assert_eq!(is_by_hand(uri), expected, "{uri}");
        }
    }

    #[test]
    fn controllers_deploy_nothing() {
        assert!(is_of_cluster(
            "system:serviceaccount:kube-system:deployment-controller"
        ));
        assert!(is_of_cluster("system:kube-controller-manager"));
        assert!(!is_of_cluster(
            "system:serviceaccount:argocd:argocd-application-controller"
        ));
        assert!(!is_of_cluster("alice"));
    }
}
