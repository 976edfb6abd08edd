//! The detector's finding types.

use wardline_sdk::FindingType;

/// The name that Amazon GuardDuty uses.
pub const DEFAULT_ACCOUNT: &str = "Policy:Kubernetes/AdminAccessToDefaultServiceAccount";
pub const ADMIN_BINDING: &str = "PrivilegeEscalation:Kubernetes/AdminRoleBinding";
pub const SELF_GRANT: &str = "PrivilegeEscalation:Kubernetes/SelfGrant";
pub const DANGEROUS_ROLE: &str = "PrivilegeEscalation:Kubernetes/DangerousRole";
pub const ROLE_WIDENED: &str = "PrivilegeEscalation:Kubernetes/RoleWidened";
pub const AGGREGATED_ROLE: &str = "PrivilegeEscalation:Kubernetes/AggregatedRole";
pub const SYSTEM_ROLE: &str = "PrivilegeEscalation:Kubernetes/SystemRoleModified";
pub const SERVICE_ACCOUNT_WRITE: &str = "PrivilegeEscalation:Kubernetes/RBACWriteByServiceAccount";
pub const CHANGE_THEN_USE: &str = "PrivilegeEscalation:Kubernetes/RBACChangeThenUse";
pub const DENIED: &str = "PrivilegeEscalation:Kubernetes/RBACDenied";

const GOOD_PRACTICES: &str = "https://kubernetes.io/docs/concepts/security/rbac-good-practices/";
const RBAC: &str = "https://kubernetes.io/docs/reference/access-authn-authz/rbac/";
const GUARDDUTY: &str =
    "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html";

const TUNING: &str = "Add users who install software or grant permissions to `trusted-users`.";

const PACKAGED: &str = "at most 3.0 if the request carries the labels of Helm, Argo CD, Flux, \
    OLM, or another package, or the object has an owner";

const PLATFORM: &str = "at most 3.0 if a platform component made the request, such as a service \
    account of a system namespace";

const SENT_AGAIN: &str = "at most 3.0 if a service account sent the whole object again, and the \
    audit log does not contain its previous state";

/// The severities of [`crate::rights::Right`].
const PERMISSION_RULES: [&str; 11] = [
    "6.0 if the new permissions are every verb on every resource; 5.5 in a system namespace",
    "5.5 if they are `escalate`, `bind`, or `impersonate`; 5.0 in a system namespace",
    "5.0 if they are to create service account tokens in the cluster or a system namespace",
    "5.0 if they are to approve or sign certificates in the cluster",
    "4.5 if they are to use `nodes/proxy` in the cluster",
    "3.5 if they are to change admission webhooks in the cluster",
    "3.5 if they are to read secrets in the cluster or a system namespace",
    "3.0 if they are to change roles and bindings in the cluster or a system namespace",
    "3.0 if they are to run commands in pods or add ephemeral containers in the cluster or a \
     system namespace",
    "2.0 if they are to create workloads or persistent volumes in the cluster",
    "at most 3.0 if the role is in any other namespace",
];

pub fn all() -> [FindingType; 10] {
    [
        default_account(),
        admin_binding(),
        self_grant(),
        dangerous_role(),
        role_widened(),
        aggregated_role(),
        system_role(),
        service_account_write(),
        change_then_use(),
        denied(),
    ]
}

fn with_permission_rules(finding: FindingType) -> FindingType {
    PERMISSION_RULES
        .into_iter()
        .fold(finding, FindingType::severity_rule)
}

fn default_account() -> FindingType {
    FindingType::new(DEFAULT_ACCOUNT, 8.0)
        .title("Administrative role granted to a default service account")
        .description(
            "A binding grants administrative permissions to the service account `default` of a \
             namespace. Every pod that names no service account runs as `default`, so an attacker \
             in any such pod administers the namespace or the cluster.",
        )
        .technique("T1098.006")
        .technique("T1078.001")
        .severity_rule(
            "3.0 if a service account of OpenShift grants it within the namespaces of OpenShift",
        )
        .remediation(
            "Delete the binding, or grant the permissions to a service account of the one \
             workload that needs them. Review the requests that pods of the namespace have made \
             since.",
        )
        .false_positives(
            "Quick installations of Helm 2, Jenkins, or dashboards, which do this on purpose. The \
             risk is the same.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and binding")
        .attribute("tactic", "TA0004")
        .reference(RBAC)
        .reference(GUARDDUTY)
}

fn admin_binding() -> FindingType {
    FindingType::new(ADMIN_BINDING, 6.0)
        .title("Administrative role granted")
        .description(
            "A binding grants administrative permissions, or a role that leads to them. Attackers \
             create such bindings to escalate privileges and to keep access.",
        )
        .technique("T1098.006")
        .severity_rule(
            "8.0 if a strong role is granted to `system:authenticated`, which is every \
             authenticated user",
        )
        .severity_rule(
            "6.0 if the role is cluster-admin, or one that allows everything, in the whole cluster",
        )
        .severity_rule(
            "6.0 if the role is cluster-admin in a system namespace; 5.5 for another role that \
             allows everything",
        )
        .severity_rule(
            "5.0 if the role is admin, or one of the control plane, in the whole cluster or a \
             system namespace",
        )
        .severity_rule(
            "4.5 to 5.5 if the audit log has shown that the role has dangerous permissions, rated \
             as for `DangerousRole`",
        )
        .severity_rule(
            "3.0 if the role is cluster-admin, admin, or one that allows everything, in any other \
             namespace",
        )
        .severity_rule("3.0 if the role is edit in the whole cluster or a system namespace")
        .severity_rule(
            "3.0 if another role is granted to `system:authenticated` in the whole cluster",
        )
        .severity_rule(
            "2.0 if the audit log does not contain the role of a ClusterRoleBinding (level \
             Metadata)",
        )
        .severity_rule(
            "at most 3.0 if the request carries the labels of a package or the object has an \
             owner, and all subjects are service accounts",
        )
        .severity_rule(
            "at most 3.0 if a platform component made the request, and all subjects are service \
             accounts or `system:` names",
        )
        .severity_rule(
            "at most 3.0 if a service account granted the role to service accounts of its own \
             namespace",
        )
        .severity_rule(
            "at most 3.0 if the user created the namespace of all subjects, which are service \
             accounts: within `install-window` for a person, within `remember` for a service \
             account",
        )
        .severity_rule(SENT_AGAIN)
        .remediation(
            "Ask the user who created the binding whether it was intended, and whether a smaller \
             role is enough. If not, delete the binding and review the requests that its subjects \
             have made since.",
        )
        .false_positives(
            "Onboarding of administrators, and installers that grant cluster-admin to a service \
             account without package labels. The finding names the role and the subjects.",
        )
        .tuning(TUNING)
        .aggregated_by("actor, binding, and role; in one namespace, actor and role if Low")
        .reference(RBAC)
        .reference(GOOD_PRACTICES)
}

fn self_grant() -> FindingType {
    FindingType::new(SELF_GRANT, 5.5)
        .title("Role granted to the requesting user")
        .description(
            "The subject of a binding is the user who created it, or one of the user's groups. \
             Attackers with permission to write bindings escalate their privileges in this way.",
        )
        .technique("T1098.006")
        .severity_rule("6.5 if a service account granted itself a strong role")
        .severity_rule("6.0 if another user granted itself a strong role by name")
        .severity_rule("5.0 if a strong role was granted to one of the user's groups")
        .severity_rule(
            "3.0 if the role is not known to be strong, and the subject is the user by name",
        )
        .severity_rule(
            "at most 3.0 if the subject is the group that kubeadm creates for administrators",
        )
        .severity_rule(PLATFORM)
        .severity_rule(SENT_AGAIN)
        .remediation(
            "Find out why the user needed more permissions, and which permission allowed the \
             grant: `bind`, `escalate`, or cluster-admin. Delete the binding, and require a \
             second person for grants.",
        )
        .false_positives(
            "The first administrator of a cluster, who binds cluster-admin as the setup guides of \
             clouds recommend.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and binding")
        .reference(GOOD_PRACTICES)
}

fn dangerous_role() -> FindingType {
    with_permission_rules(FindingType::new(DANGEROUS_ROLE, 5.5))
        .title("Role with dangerous permissions created")
        .description(
            "The role allows its holders to gain more permissions than it lists: control of the \
             whole cluster, or of other accounts. Attackers create such roles to escalate \
             privileges unnoticed.",
        )
        .technique("T1098.006")
        .severity_rule(PACKAGED)
        .severity_rule(PLATFORM)
        .severity_rule(
            "at most 3.0 if the role is named after a namespace that the same user created within \
             `install-window`",
        )
        .remediation(
            "Ask the user about the purpose of the role. Replace wildcards with the verbs and \
             resources that are needed, restrict them to names, and use a Role instead of a \
             ClusterRole if that is enough.",
        )
        .false_positives(
            "Kubernetes operators that are installed from manifests without package labels. The \
             finding names the role.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference(GOOD_PRACTICES)
}

fn role_widened() -> FindingType {
    with_permission_rules(FindingType::new(ROLE_WIDENED, 5.5))
        .title("Dangerous permissions added to an existing role")
        .description(
            "An existing role now leads to more permissions. All subjects that are bound to it \
             have them at once, and no binding shows the change.",
        )
        .technique("T1098.006")
        .severity_rule("1.0 more, at most 6.9, if the user who changed the role is bound to it")
        .severity_rule(PACKAGED)
        .severity_rule(PLATFORM)
        .severity_rule(SENT_AGAIN)
        .remediation(
            "Restore the role, and review the requests that its holders have made since. Do not \
             allow users to change roles that they hold (`escalate`).",
        )
        .false_positives(
            "New versions of Kubernetes operators that need more permissions and are installed \
             from plain manifests.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference(RBAC)
}

fn aggregated_role() -> FindingType {
    FindingType::new(AGGREGATED_ROLE, 6.0)
        .title("Dangerous permissions aggregated into a built-in role")
        .description(
            "A ClusterRole with an aggregation label becomes part of `admin`, `edit`, `view`, or \
             OpenShift's `cluster-reader`. All subjects that are bound to these gain its \
             permissions, although no binding changes.",
        )
        .technique("T1098.006")
        .severity_rule(
            "6.0 if one of the permissions is rated 5.0 or more in a role of the whole cluster",
        )
        .severity_rule("5.0 if the built-in role does not have the permissions otherwise")
        .severity_rule(PACKAGED)
        .severity_rule(PLATFORM)
        .severity_rule(SENT_AGAIN)
        .remediation(
            "Remove the label or delete the role, and review the requests that holders of the \
             built-in role have made since.",
        )
        .false_positives(
            "None are known: permissions on custom resources, which Kubernetes operators add in \
             this way, are not reported.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference(
            "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles",
        )
}

fn system_role() -> FindingType {
    FindingType::new(SYSTEM_ROLE, 6.0)
        .title("System role or binding changed")
        .description(
            "A role or binding that comes with Kubernetes was changed or deleted by a user other \
             than the control plane. Added permissions are easily overlooked there, and a \
             deletion can break the cluster.",
        )
        .technique("T1098.006")
        .severity_rule(
            "6.0 if a role or binding that the API server creates at its start was changed",
        )
        .severity_rule(
            "5.0 if a role or binding that the API server creates at its start was deleted",
        )
        .severity_rule(
            "3.0 if another name that begins with `system:` was changed or deleted, which add-ons \
             use",
        )
        .severity_rule(PACKAGED)
        .severity_rule(PLATFORM)
        .severity_rule(SENT_AGAIN)
        .remediation(
            "Compare the object with that of a new cluster and restore it. The API server does so \
             at its next start unless `rbac.authorization.kubernetes.io/autoupdate` is false.",
        )
        .false_positives(
            "Hardening guides, which remove subjects from `system:discovery` and similar bindings.",
        )
        .tuning(TUNING)
        .aggregated_by("actor, verb, and object")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings")
}

fn service_account_write() -> FindingType {
    FindingType::new(SERVICE_ACCOUNT_WRITE, 2.0)
        .title("Roles or bindings changed by a service account")
        .description(
            "A service account outside of the system namespaces wrote RBAC objects for the first \
             time within `remember`. Few workloads need to, but an attacker with their token \
             does. Objects of packages, and changes that another finding of this detector \
             reports, are not reported.",
        )
        .technique("T1098.006")
        .remediation(
            "Find out whether the account belongs to a deployer or a Kubernetes operator. If not, \
             revoke its tokens and undo the change.",
        )
        .false_positives(
            "Deployers and Kubernetes operators. Each is reported once within `remember`.",
        )
        .tuning(TUNING)
        .aggregated_by("actor")
        .reference(GOOD_PRACTICES)
}

fn change_then_use() -> FindingType {
    FindingType::new(CHANGE_THEN_USE, 5.0)
        .title("Strong permissions granted and followed by sensitive requests")
        .description(
            "Within `use-window` after a change that this detector rated Medium or higher, the \
             same user read secrets, created tokens, ran commands, or created workloads. The two \
             steps together are typical of a takeover. A Deployment, DaemonSet, or StatefulSet \
             that runs as the account that was granted the permissions, or in a namespace that \
             the user just created, is not reported.",
        )
        .technique("T1098.006")
        .technique("T1078.004")
        .remediation(
            "Examine both requests together: the evidence names them. Undo the grant first.",
        )
        .false_positives("An administrator who sets up an application by hand.")
        .tuning("Shorten `use-window`, or add the administrator to `trusted-users`.")
        .aggregated_by("actor")
        .reference(GOOD_PRACTICES)
}

fn denied() -> FindingType {
    FindingType::new(DENIED, 4.5)
        .title("Denied changes of roles or bindings")
        .description(
            "A user tried to write roles or bindings and was denied, either for lack of \
             permissions or because RBAC forbids granting permissions that the user does not \
             have. A single denial for lack of permissions is not reported.",
        )
        .technique("T1098.006")
        .severity_rule(
            "4.5 if a person reached `denials` different denials within `denials-window`",
        )
        .severity_rule(
            "3.5 if a service account reached `denials` different denials within `denials-window`",
        )
        .severity_rule("3.0 if a single request would have granted more than its user has")
        .remediation(
            "Ask the user about the purpose. If the user does not know of it, revoke the \
             credential.",
        )
        .false_positives(
            "Users who install software without the permissions for it, and Kubernetes operators \
             that lack some.",
        )
        .tuning("Raise `denials`.")
        .aggregated_by("actor, and burst or single")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping")
}
