//! Questions about users.

use super::User;

/// The name of who is not authenticated
/// (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>).
const ANONYMOUS: &str = "system:anonymous";
const UNAUTHENTICATED: &str = "system:unauthenticated";

impl<'a> User<'a> {
    /// Whether the user is in the group.
    #[must_use]
    pub fn in_group(self, group: &str) -> bool {
        self.groups().contains(group)
    }

    /// Whether this is who is not authenticated: `system:anonymous`, or a member
    /// of `system:unauthenticated`. A request that was refused before anybody was
    /// authenticated (401) has no user at all, and is not meant.
    #[must_use]
    pub fn is_anonymous(self) -> bool {
        self.username() == ANONYMOUS || self.in_group(UNAUTHENTICATED)
    }

    /// The namespace and the name of a service account, or none for other users.
    #[must_use]
    pub fn service_account(self) -> Option<(&'a str, &'a str)> {
        self.username()
            .strip_prefix("system:serviceaccount:")?
            .split_once(':')
    }

    /// The name of the node, where the user is a kubelet (`system:node:NAME`, in
    /// the group `system:nodes`).
    #[must_use]
    pub fn node(self) -> Option<&'a str> {
        let name = self.username().strip_prefix("system:node:")?;
        self.in_group("system:nodes").then_some(name)
    }

    /// Whether this is a part of Kubernetes itself: a user name of the reserved
    /// prefix `system:`, but neither a service account of a namespace outside
    /// `kube-system` nor the anonymous user.
    #[must_use]
    pub fn is_system(self) -> bool {
        match self.service_account() {
            Some((namespace, _)) => namespace == "kube-system",
            None => self.username().starts_with("system:") && !self.is_anonymous(),
        }
    }
}
