//! Questions about users.

use super::User;

/// The name of who is not authenticated
/// (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>).
const ANONYMOUS: &str = "system:anonymous";
const UNAUTHENTICATED: &str = "system:unauthenticated";

const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

/// Service accounts in `kube-system` of the controllers inside kube-controller-manager
/// (kubernetes/kubernetes, `cmd/kube-controller-manager/names/controller_names.go`, and
/// `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go` for their roles).
const CONTROLLERS: [&str; 43] = [
    "attachdetach-controller",
    "bootstrap-signer",
    "certificate-controller",
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemon-set-controller",
    "deployment-controller",
    "device-taint-eviction-controller",
    "disruption-controller",
    "endpoint-controller",
    "endpointslice-controller",
    "endpointslicemirroring-controller",
    "ephemeral-volume-controller",
    "expand-controller",
    "generic-garbage-collector",
    "horizontal-pod-autoscaler",
    "job-controller",
    "legacy-service-account-token-cleaner",
    "namespace-controller",
    "node-controller",
    "persistent-volume-binder",
    "pod-garbage-collector",
    "podgroup-protection-controller",
    "pv-protection-controller",
    "pvc-protection-controller",
    "replicaset-controller",
    "replication-controller",
    "resource-claim-controller",
    "resourcequota-controller",
    "root-ca-cert-publisher",
    "route-controller",
    "selinux-warning-controller",
    "service-account-controller",
    "service-cidrs-controller",
    "service-controller",
    "statefulset-controller",
    "storage-version-migrator-controller",
    "taint-eviction-controller",
    "token-cleaner",
    "ttl-after-finished-controller",
    "ttl-controller",
    "vac-protection-controller",
    "validatingadmissionpolicy-status-controller",
];

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

    /// Whether this is the control plane at its own work: the API server itself,
    /// kube-controller-manager with the service accounts of its controllers, or
    /// kube-scheduler. Told by user name and group, which the API server has
    /// authenticated, and never by the user agent.
    #[must_use]
    pub fn is_control_plane(self) -> bool {
        match self.service_account() {
            Some((namespace, name)) => {
                namespace == "kube-system"
                    && CONTROLLERS.contains(&name)
                    && self.in_group(SERVICE_ACCOUNTS)
            }
            None => matches!(
                self.username(),
                "system:apiserver" | "system:kube-controller-manager" | "system:kube-scheduler"
            ),
        }
    }
}
