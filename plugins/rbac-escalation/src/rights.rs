//! The permissions that make a role dangerous.
//!
//! They follow the Kubernetes project's list of permissions that allow privilege escalation
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>).

use wardline_sdk::view::{RoleFacts, RoleRule};

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
}

impl Right {
    /// All permissions, most powerful first.
    pub const ALL: [Self; 14] = [
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
        }
    }

    /// Returns the severity of a role with this permission, or `None` if it is not reported in
    /// this scope.
    pub fn severity(self, scope: Scope) -> Option<f64> {
        let (cluster, sensitive, namespace) = match self {
            Self::Everything => (Some(6.0), Some(5.5), Some(3.0)),
            Self::Escalate | Self::Bind => (Some(5.5), Some(5.0), Some(3.0)),
            Self::Impersonate => (Some(5.5), Some(5.0), Some(3.0)),
            Self::Tokens => (Some(5.0), Some(5.0), Some(2.0)),
            Self::Certificates => (Some(5.0), None, None),
            Self::NodesProxy => (Some(4.5), None, None),
            Self::Webhooks => (Some(3.5), None, None),
            Self::Secrets => (Some(3.5), Some(3.5), None),
            Self::Rbac => (Some(3.0), Some(3.0), None),
            Self::Exec | Self::EphemeralContainers => (Some(3.0), Some(3.0), None),
            Self::PersistentVolumes | Self::Workloads => (Some(2.0), None, None),
        };
        match scope {
            Scope::Cluster => cluster,
            Scope::SensitiveNamespace => sensitive,
            Scope::Namespace => namespace,
        }
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
            Self::Escalate => rule.allows(&["escalate"], RBAC, &["roles", "clusterroles"]),
            Self::Bind => rule.allows(&["bind"], RBAC, &["roles", "clusterroles"]),
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
        }
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

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
        self.0.resource_names().is_empty()
            && self.has_verb(verbs)
            && self.in_group(&[group])
            && self.on(resources)
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
