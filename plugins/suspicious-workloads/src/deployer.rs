//! The relation between a change and the user who usually deploys the workload.

use wardline_sdk::inventory;

use crate::request::WorkloadRequest;

/// The user of a change, compared with the last known user who changed the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployer {
    /// The same user as before.
    Same,
    /// A person, after a service account.
    PersonAfterServiceAccount,
    /// Any other change of user.
    Other,
    /// No previous user is known, and a person made the change by hand: `kubectl patch`, `edit`,
    /// `set`.
    UnknownByHand,
    /// No previous user is known.
    Unknown,
}

impl Deployer {
    pub fn from_request(request: &WorkloadRequest<'_>) -> Self {
        let event = request.event;
        let before =
            inventory::changed_by(event, request.resource, event.namespace(), event.name())
                .filter(|name| !is_cluster_component(name));
        let username = event.user().username();
        let is_person = event.user().is_person();
        match before {
            Some(name) if name == username => Self::Same,
            Some(name) if is_person && name.starts_with("system:serviceaccount:") => {
                Self::PersonAfterServiceAccount
            }
            Some(_) => Self::Other,
            None if is_person && is_by_hand(event.request_uri()) => Self::UnknownByHand,
            None => Self::Unknown,
        }
    }
}

/// Whether a user is a controller or another cluster component, which also write to objects that
/// they do not deploy.
fn is_cluster_component(name: &str) -> bool {
    name.starts_with("system:serviceaccount:kube-system:")
        || (name.starts_with("system:") && !name.starts_with("system:serviceaccount:"))
}

/// Whether the field manager is a kubectl command for single changes, or absent, as with a plain
/// HTTP client. The client chooses the name, so it only matters if nothing else is known.
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
    use super::{is_by_hand, is_cluster_component};

    #[test]
    fn manual_changes_are_recognized_by_field_manager() {
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
    fn controllers_are_not_deployers() {
        assert!(is_cluster_component(
            "system:serviceaccount:kube-system:deployment-controller"
        ));
        assert!(is_cluster_component("system:kube-controller-manager"));
        assert!(!is_cluster_component(
            "system:serviceaccount:argocd:argocd-application-controller"
        ));
        assert!(!is_cluster_component("alice"));
    }
}
