//! Properties of users that most rules check.

use super::User;

/// The user name of requests without a credential
/// (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests>).
const ANONYMOUS: &str = "system:anonymous";
const UNAUTHENTICATED: &str = "system:unauthenticated";

const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";

/// The user of kube-proxy if it does not run with a service account
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles>).
const KUBE_PROXY: &str = "system:kube-proxy";

/// The users of the control plane's own components.
const COMPONENTS: [&str; 3] = [
    "system:apiserver",
    "system:kube-controller-manager",
    "system:kube-scheduler",
];

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

/// Users of managed control planes, whose components the cloud runs outside the cluster: those of
/// EKS (<https://docs.aws.amazon.com/eks/latest/userguide/default-roles-users.html>), whose names
/// an access entry cannot take; of AKS
/// (<https://learn.microsoft.com/en-us/azure/aks/concepts-identity>); and of GKE
/// (<https://cloud.google.com/kubernetes-engine/docs/how-to/audit-logging>), whose names have the
/// prefix that Kubernetes reserves.
const MANAGED: [&str; 34] = [
    "eks:addon-cluster-admin",
    "eks:addon-handler",
    "eks:addon-manager",
    "eks:authenticator",
    "eks:az-poller",
    "eks:certificate-controller",
    "eks:cloud-controller-manager",
    "eks:cluster-event-watcher",
    "eks:fargate-manager",
    "eks:k8s-metrics",
    "eks:kms-storage-migrator",
    "eks:node-manager",
    "eks:nodewatcher",
    "eks:pod-identity-mutating-webhook",
    "eks:service-operations",
    "eks:service-operations-configmap-manager",
    "eks:tagging-controller",
    "eks:vpc-resource-controller",
    "aksProblemDetector",
    "aksService",
    "hcpService",
    "system:addon-manager",
    "system:cloud-controller-manager",
    "system:cluster-autoscaler",
    "system:clustermetrics",
    "system:gcp-controller-manager",
    "system:gke-controller",
    "system:gke-master-healthcheck",
    "system:gke-spiffe-controller",
    "system:glbc",
    "system:glbc-controller",
    "system:l7-lb-controller",
    "system:konnectivity-server",
    "system:managed-certificate-controller",
];

/// Returns the user names of the control plane.
pub(crate) fn control_plane() -> impl Iterator<Item = String> {
    let controllers = CONTROLLERS
        .iter()
        .map(|name| format!("system:serviceaccount:kube-system:{name}"));
    COMPONENTS
        .iter()
        .chain(&MANAGED)
        .map(|&name| name.to_owned())
        .chain(controllers)
}

impl<'a> User<'a> {
    /// Returns whether the user is in the group.
    #[must_use]
    pub fn in_group(self, group: &str) -> bool {
        self.groups().contains(group)
    }

    /// Returns whether this is the user of requests without a credential: `system:anonymous`, or a
    /// member of `system:unauthenticated`. False for an unauthenticated request (401), which has no
    /// user at all.
    #[must_use]
    pub fn is_anonymous(self) -> bool {
        self.username() == ANONYMOUS || self.in_group(UNAUTHENTICATED)
    }

    /// Returns the namespace and the name of a service account, or none for other users.
    #[must_use]
    pub fn service_account(self) -> Option<(&'a str, &'a str)> {
        self.username()
            .strip_prefix("system:serviceaccount:")?
            .split_once(':')
    }

    /// Returns whether the user name is that of a service account.
    #[must_use]
    pub fn is_service_account(self) -> bool {
        self.service_account().is_some()
    }

    /// Returns the name of the node, if the user is a kubelet (`system:node:NAME`, in the group
    /// `system:nodes`).
    #[must_use]
    pub fn node(self) -> Option<&'a str> {
        let name = self.username().strip_prefix("system:node:")?;
        self.in_group("system:nodes").then_some(name)
    }

    /// Returns whether the user may be a kubelet: a member of `system:nodes`, or of
    /// `system:bootstrappers` while it joins, whatever the name. Some managed services give all
    /// kubelets one certificate. [`Self::node`] is for kubelets whose name tells their node.
    #[must_use]
    pub fn is_kubelet(self) -> bool {
        !self.is_service_account()
            && (self.in_group("system:nodes") || self.in_group("system:bootstrappers"))
    }

    /// Returns whether this is a part of Kubernetes itself: a user name with the reserved prefix
    /// `system:`, except the anonymous user and service accounts outside `kube-system`.
    #[must_use]
    pub fn is_system(self) -> bool {
        match self.service_account() {
            Some((namespace, _)) => namespace == "kube-system",
            None => self.username().starts_with("system:") && !self.is_anonymous(),
        }
    }

    /// Returns whether this is a person, or a program with a person's kind of credential: not a
    /// service account, not a name that Kubernetes reserves (`system:`), not a member of the groups
    /// of kubelets ([`Self::is_kubelet`]), not the control plane of a cloud, and not anonymous.
    #[must_use]
    pub fn is_person(self) -> bool {
        !self.username().is_empty()
            && !self.username().starts_with("system:")
            && !self.is_kubelet()
            && !self.is_control_plane()
    }

    /// Returns whether RBAC does not apply to the user, a member of `system:masters`
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>).
    #[must_use]
    pub fn is_master(self) -> bool {
        self.in_group("system:masters")
    }

    /// Returns whether this is the control plane: the API server, kube-controller-manager and the
    /// service accounts of its controllers, kube-scheduler, or a component that EKS, AKS, or GKE
    /// runs outside the cluster. Recognized by user name and group, which the API server
    /// authenticated, and never by the user agent.
    #[must_use]
    pub fn is_control_plane(self) -> bool {
        self.username() != KUBE_PROXY && (self.is_component() || MANAGED.contains(&self.username()))
    }

    /// Returns whether this is a Kubernetes component whose credential only that component should
    /// have: the API server, kube-controller-manager and the service accounts of its controllers
    /// (with which no pod runs), kube-scheduler, or kube-proxy with a user name of its own.
    /// Recognized by user name and group.
    #[must_use]
    pub fn is_component(self) -> bool {
        match self.service_account() {
            Some((namespace, name)) => {
                namespace == "kube-system"
                    && CONTROLLERS.contains(&name)
                    && self.in_group(SERVICE_ACCOUNTS)
            }
            None => self.username() == KUBE_PROXY || COMPONENTS.contains(&self.username()),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::contract;
    use crate::view::User;

    fn by(username: &str, groups: &[&str]) -> contract::AuditEvent {
        contract::AuditEvent {
            user: contract::User {
                username: username.to_owned(),
                groups: groups.iter().map(|&group| group.to_owned()).collect(),
                ..contract::User::default()
            },
            ..contract::AuditEvent::default()
        }
    }

    #[test]
    fn excepted_names_are_the_control_plane() {
        let names: Vec<String> = super::control_plane().collect();
        assert!(names.contains(&"system:serviceaccount:kube-system:job-controller".to_owned()));
        for name in names {
            let event = by(&name, &["system:serviceaccounts"]);
            let user: User<'_> = crate::AuditEvent::from(&event).user();
            assert!(user.is_control_plane(), "{name}");
        }
    }

    #[test]
    fn kubelets_are_known_by_their_groups() {
        for (username, groups, is_kubelet, is_person) in [
            ("system:node:n1", &["system:nodes"][..], true, false),
            ("system:node:n1", &[], false, false),
            ("worker-pool", &["system:nodes"], true, false),
            (
                "system:bootstrap:abcdef",
                &["system:bootstrappers"],
                true,
                false,
            ),
            (
                "system:serviceaccount:shop:web",
                &["system:serviceaccounts", "system:nodes"],
                false,
                false,
            ),
            ("alice", &["sre"], false, true),
        ] {
            let event = by(username, groups);
            let user: User<'_> = crate::AuditEvent::from(&event).user();
            let found = (user.is_kubelet(), user.is_person());
            assert_eq!(found, (is_kubelet, is_person), "{username}");
        }
    }

    #[test]
    fn tells_components_from_the_control_plane_of_a_cloud() {
        let job = "system:serviceaccount:kube-system:job-controller";
        for (username, groups, is_component, is_control_plane) in [
            ("system:kube-controller-manager", &[][..], true, true),
            ("system:kube-proxy", &[], true, false),
            (job, &["system:serviceaccounts"], true, true),
            // Not a service account without its group.
            (job, &[], false, false),
            ("system:addon-manager", &["system:masters"], false, true),
            ("system:glbc", &[], false, true),
            ("aksService", &[], false, true),
            ("system:admin", &["system:masters"], false, false),
            ("alice", &[], false, false),
        ] {
            let event = by(username, groups);
            let user: User<'_> = crate::AuditEvent::from(&event).user();
            let found = (user.is_component(), user.is_control_plane());
            assert_eq!(found, (is_component, is_control_plane), "{username}");
        }
    }
}
