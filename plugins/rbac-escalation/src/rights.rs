//! What makes a role dangerous.
//!
//! After the Kubernetes project's own list of rights that lead to more
//! (<https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks>).

use wardline_sdk::view::{RoleFacts, RoleRule};

/// A right that leads to more than it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Every verb on every resource of every API group.
    Everything,
    /// `escalate` on roles: whatever one likes may be written into them.
    Escalate,
    /// `bind` on roles: every role may be given away.
    Bind,
    /// `impersonate`.
    Impersonate,
    /// Tokens of service accounts (`serviceaccounts/token`).
    Tokens,
    /// Approving or signing certificate requests.
    Certificates,
    /// The kubelet's API through `nodes/proxy`; reading is enough to run commands, for a
    /// WebSocket begins as a `GET`.
    NodesProxy,
    /// Admission webhooks.
    Webhooks,
    /// Secrets, in content.
    Secrets,
    /// Roles and bindings, within what the holder has.
    Rbac,
    /// Commands in pods.
    Exec,
    /// Containers put into running pods.
    EphemeralContainers,
    /// Volumes that may stand on a node's directories.
    PersistentVolumes,
    /// Workloads, and with them every service account and secret of their namespace.
    Workloads,
}

impl Right {
    /// In the order of their power.
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

    /// For titles: "lets its holder ...".
    pub fn says(self) -> &'static str {
        match self {
            Self::Everything => "do everything",
            Self::Escalate => "write any right into roles",
            Self::Bind => "give away any role",
            Self::Impersonate => "act as others",
            Self::Tokens => "get tokens of service accounts",
            Self::Certificates => "approve or sign certificates",
            Self::NodesProxy => "reach kubelets through nodes/proxy",
            Self::Webhooks => "change admission webhooks",
            Self::Secrets => "read secrets",
            Self::Rbac => "change roles and bindings",
            Self::Exec => "run commands in pods",
            Self::EphemeralContainers => "put containers into running pods",
            Self::PersistentVolumes => "make persistent volumes",
            Self::Workloads => "make workloads",
        }
    }

    /// How severe it is that a role gives this: of the whole cluster, of a namespace that
    /// holds the cluster's own parts, and of any other namespace. None is not worth a word.
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

    /// Whether the built-in role that others are added to by a label has this anyway
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

    fn of_rule(self, rule: RoleRule<'_>) -> bool {
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

/// Where a right holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Cluster,
    /// In one namespace that holds the cluster's own parts.
    SensitiveNamespace,
    /// In one other namespace.
    Namespace,
}

impl Scope {
    /// The scope of what is in this namespace; of what is in none the cluster.
    pub fn of(namespace: &str) -> Self {
        if namespace.is_empty() {
            Self::Cluster
        } else if wardline_sdk::rules::namespace::is_sensitive(namespace) {
            Self::SensitiveNamespace
        } else {
            Self::Namespace
        }
    }
}

/// A right, and the rule of the role that gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    pub right: Right,
    /// The index in the role's rules.
    pub rule: usize,
}

/// The dangerous rights of a role, most powerful first. Who may do everything may do all that
/// the others say, and they are not repeated.
pub fn dangerous(role: RoleFacts<'_>) -> Vec<Granted> {
    let mut found = Vec::new();
    for right in Right::ALL {
        let rule = role.rules().position(|rule| right.of_rule(rule));
        if let Some(rule) = rule {
            found.push(Granted { right, rule });
            if right == Right::Everything {
                break;
            }
        }
    }
    found
}

/// A rule, with questions.
struct Rule<'a>(RoleRule<'a>);

impl Rule<'_> {
    /// Of a rule that is restricted to names only `escalate`, `bind` and `impersonate` of
    /// chosen objects would remain, which their author has chosen.
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

    /// Whether it is about one of the resources: by name, as `*`, or for a subresource as
    /// `*/scale` (`pkg/apis/rbac/v1`, `ResourceMatches`).
    fn on(&self, resources: &[&str]) -> bool {
        self.0.resources().any(|of_rule| {
            of_rule == "*"
                || resources.contains(&of_rule)
                || of_rule.strip_prefix("*/").is_some_and(|subresource| {
                    resources.iter().any(|resource| {
                        resource
                            .split_once('/')
                            .is_some_and(|(_, own)| own == subresource)
                    })
                })
        })
    }
}
