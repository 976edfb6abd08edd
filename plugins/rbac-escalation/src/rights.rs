//! The permissions that make a role dangerous.
//!
//! They follow the Kubernetes project's list of permissions that allow privilege escalation
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>).

use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};
use wardline_sdk::view::{RoleFacts, RoleRule};

const EVERYTHING: SeverityRule = SeverityRule::new(
    6.0,
    "the new permissions are every verb on every resource of the cluster",
);
/// The rule for a role that allows everything in a system namespace.
pub const EVERYTHING_IN_SYSTEM: SeverityRule = SeverityRule::new(
    5.5,
    "they are every verb on every resource of a system namespace",
);
const ESCALATION: SeverityRule = SeverityRule::new(
    5.5,
    "they are `escalate`, `bind`, or `impersonate` in the cluster",
);
const ESCALATION_IN_SYSTEM: SeverityRule = SeverityRule::new(
    MEDIUM,
    "they are `escalate`, `bind`, or `impersonate` in a system namespace",
);
const TOKENS: SeverityRule = SeverityRule::new(
    MEDIUM,
    "they are to create service account tokens in the cluster or a system namespace",
);
const APPROVAL: SeverityRule = SeverityRule::new(
    MEDIUM,
    "they are to approve or sign certificates in the cluster",
);
const NODES_PROXY: SeverityRule =
    SeverityRule::new(4.5, "they are to use `nodes/proxy` in the cluster");
const WEBHOOKS: SeverityRule =
    SeverityRule::new(3.5, "they are to change admission webhooks in the cluster");
const SECRETS: SeverityRule = SeverityRule::new(
    3.5,
    "they are to read secrets in the cluster or a system namespace",
);
const BINDINGS: SeverityRule = SeverityRule::new(
    LOW,
    "they are to change roles and bindings in the cluster or a system namespace",
);
const COMMANDS: SeverityRule = SeverityRule::new(
    LOW,
    "they are to run commands in pods or add ephemeral containers in the cluster or a system \
     namespace",
);
const IN_NAMESPACE: SeverityRule = SeverityRule::new(
    LOW,
    "they are every verb on every resource, `escalate`, `bind`, or `impersonate` in any other \
     namespace",
);
const TOKENS_IN_NAMESPACE: SeverityRule = SeverityRule::new(
    2.0,
    "they are to create service account tokens in any other namespace",
);
const WORKLOADS: SeverityRule = SeverityRule::new(
    2.0,
    "they are to create workloads or persistent volumes in the cluster",
);

/// The rule for roles of one namespace with [`Right::is_power_in_namespace`].
pub const WITHIN_NAMESPACE: SeverityRule = SeverityRule::new(
    2.0,
    "they are for secrets, commands, bindings, or workloads, or have a wildcard, in any other \
     namespace: once for each user and namespace",
);

/// The same for roles with an owner or the labels of a package.
pub const PACKAGED_WITHIN_NAMESPACE: SeverityRule = SeverityRule::new(
    1.0,
    "it leads to more within its namespace only, and the role has an owner or the labels of a package, \
     which anybody may write",
);

/// For roles whose permissions the audit log does not contain.
pub const UNSEEN_ROLE: SeverityRule = SeverityRule::new(
    2.0,
    "the audit log does not contain the permissions (level Metadata) of a ClusterRole, or of a Role \
     in `default` or a namespace of cluster components",
);

/// The rules of [`Right::severity`], and of roles of one namespace and without known permissions, highest
/// first.
pub const PERMISSION_RULES: [SeverityRule; 17] = [
    EVERYTHING,
    EVERYTHING_IN_SYSTEM,
    ESCALATION,
    ESCALATION_IN_SYSTEM,
    TOKENS,
    APPROVAL,
    NODES_PROXY,
    WEBHOOKS,
    SECRETS,
    BINDINGS,
    COMMANDS,
    IN_NAMESPACE,
    TOKENS_IN_NAMESPACE,
    WORKLOADS,
    WITHIN_NAMESPACE,
    UNSEEN_ROLE,
    PACKAGED_WITHIN_NAMESPACE,
];

/// A permission that leads to more than it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Every verb on every resource of every API group.
    Everything,
    /// `escalate` on roles: any permission may be written into them.
    Escalate,
    /// `bind` on roles: any role may be granted.
    Bind,
    /// `impersonate`.
    Impersonate,
    /// Creating tokens of service accounts (`serviceaccounts/token`).
    Tokens,
    /// Approving or signing certificate signing requests.
    Certificates,
    /// The kubelet's API through `nodes/proxy`. Read access is enough to run commands, because a
    /// WebSocket begins with a `GET`.
    NodesProxy,
    /// Writing admission webhooks.
    Webhooks,
    /// Reading the content of secrets.
    Secrets,
    /// Writing roles and bindings, within the holder's own permissions.
    Rbac,
    /// Commands in pods.
    Exec,
    /// Ephemeral containers in running pods.
    EphemeralContainers,
    /// Persistent volumes, which may give access to host paths.
    PersistentVolumes,
    /// Workloads, and with them every service account and secret of their namespace.
    Workloads,
    /// Every verb or every resource of a built-in API group.
    Wildcard,
}

impl Right {
    /// All permissions, most powerful first.
    pub const ALL: [Self; 15] = [
        Self::Everything,
        Self::Escalate,
        Self::Bind,
        Self::Impersonate,
        Self::Tokens,
        Self::Certificates,
        Self::NodesProxy,
        Self::Webhooks,
        Self::Secrets,
        Self::Rbac,
        Self::Exec,
        Self::EphemeralContainers,
        Self::PersistentVolumes,
        Self::Workloads,
        Self::Wildcard,
    ];

    /// Returns a noun phrase for titles.
    pub fn label(self) -> &'static str {
        match self {
            Self::Everything => "all permissions",
            Self::Escalate => "escalate roles",
            Self::Bind => "bind roles",
            Self::Impersonate => "impersonation",
            Self::Tokens => "service account tokens",
            Self::Certificates => "certificate approval or signing",
            Self::NodesProxy => "nodes/proxy",
            Self::Webhooks => "admission webhooks",
            Self::Secrets => "secrets",
            Self::Rbac => "roles and bindings",
            Self::Exec => "commands in pods",
            Self::EphemeralContainers => "ephemeral containers",
            Self::PersistentVolumes => "persistent volumes",
            Self::Workloads => "workloads",
            Self::Wildcard => "a wildcard",
        }
    }

    /// Returns the severity of a role with this permission, or `None` if it is not reported in
    /// this scope.
    pub fn severity(self, scope: Scope) -> Option<f64> {
        let (cluster, sensitive, namespace) = match self {
            Self::Everything => (
                Some(EVERYTHING),
                Some(EVERYTHING_IN_SYSTEM),
                Some(IN_NAMESPACE),
            ),
            Self::Escalate | Self::Bind | Self::Impersonate => (
                Some(ESCALATION),
                Some(ESCALATION_IN_SYSTEM),
                Some(IN_NAMESPACE),
            ),
            Self::Tokens => (Some(TOKENS), Some(TOKENS), Some(TOKENS_IN_NAMESPACE)),
            Self::Certificates => (Some(APPROVAL), None, None),
            Self::NodesProxy => (Some(NODES_PROXY), None, None),
            Self::Webhooks => (Some(WEBHOOKS), None, None),
            Self::Secrets => (Some(SECRETS), Some(SECRETS), None),
            Self::Rbac => (Some(BINDINGS), Some(BINDINGS), None),
            Self::Exec | Self::EphemeralContainers => (Some(COMMANDS), Some(COMMANDS), None),
            Self::PersistentVolumes | Self::Workloads => (Some(WORKLOADS), None, None),
            Self::Wildcard => (None, None, None),
        };
        let rule = match scope {
            Scope::Cluster => cluster,
            Scope::SensitiveNamespace => sensitive,
            Scope::Namespace => namespace,
        };
        rule.map(f64::from)
    }

    /// Whether the holder of a role in one namespace gains more than the role lists, within that
    /// namespace. Includes what [`Self::severity`] reports there.
    pub fn is_power_in_namespace(self) -> bool {
        !matches!(
            self,
            // Objects of the cluster, to which a Role grants nothing.
            Self::Certificates | Self::NodesProxy | Self::Webhooks | Self::PersistentVolumes
        )
    }

    /// Whether the built-in role that others are aggregated into already has this permission
    /// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>).
    pub fn is_of_built_in(self, role: &str) -> bool {
        match role {
            "admin" => matches!(
                self,
                Self::Secrets
                    | Self::Exec
                    | Self::EphemeralContainers
                    | Self::Workloads
                    | Self::Rbac
                    | Self::Tokens
            ),
            "edit" => matches!(self, Self::Secrets | Self::Exec | Self::Workloads),
            _ => false,
        }
    }

    fn is_granted_by(self, rule: RoleRule<'_>) -> bool {
        let rule = Rule(rule);
        match self {
            Self::Everything => {
                rule.has_verb(&[]) && rule.0.resources().contains("*") && rule.in_group(&[])
            }
            // A role that may be written without limits may be any role, whatever its name is.
            Self::Escalate => rule.allows_named(&["escalate"], RBAC, &["roles", "clusterroles"]),
            Self::Bind => {
                rule.allows_named(&["bind"], RBAC, &["roles", "clusterroles"])
                    && (rule.0.resource_names().is_empty()
                        || rule.0.resource_names().any(is_strong_role))
            }
            Self::Impersonate => {
                rule.has_verb(&["impersonate"])
                    && rule.in_group(&["", "authentication.k8s.io"])
                    && rule.on(&["users", "groups", "serviceaccounts", "uids", "userextras"])
            }
            Self::Tokens => rule.allows(&["create"], "", &["serviceaccounts/token"]),
            Self::Certificates => {
                rule.allows(
                    &["update", "patch"],
                    CERTIFICATES,
                    &[
                        "certificatesigningrequests/approval",
                        "certificatesigningrequests/status",
                    ],
                ) || rule.allows(&["approve", "sign"], CERTIFICATES, &["signers"])
            }
            Self::NodesProxy => rule.allows(&["get", "create"], "", &["nodes/proxy"]),
            Self::Webhooks => rule.allows(
                &["create", "update", "patch"],
                "admissionregistration.k8s.io",
                &[
                    "mutatingwebhookconfigurations",
                    "validatingwebhookconfigurations",
                ],
            ),
            Self::Secrets => rule.allows(&["get", "list", "watch"], "", &["secrets"]),
            Self::Rbac => rule.allows(
                &["create", "update", "patch"],
                RBAC,
                &[
                    "roles",
                    "clusterroles",
                    "rolebindings",
                    "clusterrolebindings",
                ],
            ),
            Self::Exec => rule.allows(&["create", "get"], "", &["pods/exec", "pods/attach"]),
            Self::EphemeralContainers => {
                rule.allows(&["update", "patch"], "", &["pods/ephemeralcontainers"])
            }
            Self::PersistentVolumes => rule.allows(&["create"], "", &["persistentvolumes"]),
            Self::Workloads => {
                rule.allows(&["create"], "", &["pods", "replicationcontrollers"])
                    || rule.allows(
                        &["create", "update", "patch"],
                        "apps",
                        &["deployments", "daemonsets", "statefulsets", "replicasets"],
                    )
                    || rule.allows(&["create"], "batch", &["jobs", "cronjobs"])
            }
            // Kubernetes operators have every verb on their own custom resources.
            Self::Wildcard => {
                rule.0.resource_names().is_empty()
                    && (rule.0.verbs().contains("*") || rule.0.resources().contains("*"))
                    && rule.in_group(&["", "apps", "batch", RBAC])
            }
        }
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

/// Whether a role of Kubernetes, by its name, grants much of the cluster.
fn is_strong_role(name: &str) -> bool {
    matches!(name, "cluster-admin" | "admin" | "edit") || name.starts_with("system:")
}

/// The scope of a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole cluster.
    Cluster,
    /// A namespace that holds cluster components.
    SensitiveNamespace,
    /// Any other namespace.
    Namespace,
}

impl Scope {
    /// Returns the scope of objects in this namespace. An empty name is the cluster.
    pub fn from_namespace(namespace: &str) -> Self {
        if namespace.is_empty() {
            Self::Cluster
        } else if wardline_sdk::rules::namespace::is_sensitive(namespace) {
            Self::SensitiveNamespace
        } else {
            Self::Namespace
        }
    }
}

/// A permission and the rule of the role that grants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    pub right: Right,
    /// The index of the rule in the role.
    pub rule: usize,
}

/// Returns the dangerous permissions of a role, most powerful first. [`Right::Everything`] includes
/// the others, which are then omitted.
pub fn dangerous(role: RoleFacts<'_>) -> Vec<Granted> {
    let mut found = Vec::new();
    for right in Right::ALL {
        // The wildcard of a more powerful permission is not a second one.
        if right == Right::Wildcard && !found.is_empty() {
            continue;
        }
        let rule = role.rules().position(|rule| right.is_granted_by(rule));
        if let Some(rule) = rule {
            found.push(Granted { right, rule });
            if right == Right::Everything {
                break;
            }
        }
    }
    found
}

/// A role's rule with methods to query it.
struct Rule<'a>(RoleRule<'a>);

impl Rule<'_> {
    /// Whether the rule allows one of the verbs on one of the resources. Rules that are restricted
    /// to resource names do not count: their author chose the objects.
    fn allows(&self, verbs: &[&str], group: &str, resources: &[&str]) -> bool {
        self.0.resource_names().is_empty() && self.allows_named(verbs, group, resources)
    }

    /// Does the same for a rule that may be restricted to names.
    fn allows_named(&self, verbs: &[&str], group: &str, resources: &[&str]) -> bool {
        self.has_verb(verbs) && self.in_group(&[group]) && self.on(resources)
    }

    fn has_verb(&self, verbs: &[&str]) -> bool {
        self.0
            .verbs()
            .any(|verb| verb == "*" || verbs.contains(&verb))
    }

    fn in_group(&self, groups: &[&str]) -> bool {
        self.0
            .api_groups()
            .any(|group| group == "*" || groups.contains(&group))
    }

    /// Whether the rule covers one of the resources: by name, as `*`, or for a subresource as
    /// `*/scale` (`pkg/apis/rbac/v1`, `ResourceMatches`).
    fn on(&self, resources: &[&str]) -> bool {
        self.0.resources().any(|covered| {
            covered == "*"
                || resources.contains(&covered)
                || covered.strip_prefix("*/").is_some_and(|subresource| {
                    resources.iter().any(|resource| {
                        resource
                            .split_once('/')
                            .is_some_and(|(_, own)| own == subresource)
                    })
                })
        })
    }
}
