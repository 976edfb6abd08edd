//! The detector's finding types.

use wardline_sdk::FindingType;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::rules::severity::{HIGH, LOW, MEDIUM, SeverityRule};

use crate::rights::{EVERYTHING_IN_SYSTEM, PERMISSION_RULES};

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

// The rules of `DEFAULT_ACCOUNT`.
pub const WITHIN_OPENSHIFT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account of OpenShift grants it within the namespaces of OpenShift",
);

// The rules of `ADMIN_BINDING`.
pub const STRONG_TO_ALL: SeverityRule = SeverityRule::new(
    HIGH,
    "a strong role is granted to `system:authenticated`, which is every authenticated user",
);
pub const ADMINISTRATOR: SeverityRule = SeverityRule::new(
    6.0,
    "the role is cluster-admin in the whole cluster or a system namespace, or another one that allows \
     everything in the whole cluster",
);
const EVERYTHING_GRANTED: SeverityRule = SeverityRule::new(
    EVERYTHING_IN_SYSTEM.severity,
    "the role is another one that allows everything, in a system namespace",
);
pub const ADMIN: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the role is admin, or one of the control plane, in the whole cluster or a system namespace",
);
pub const ADMIN_IN_NAMESPACE: SeverityRule = SeverityRule::new(
    LOW,
    "the role is cluster-admin, admin, or one that allows everything, in any other namespace",
);
pub const EDIT: SeverityRule = SeverityRule::new(
    LOW,
    "the role is edit in the whole cluster or a system namespace",
);
pub const OTHER_TO_ALL: SeverityRule = SeverityRule::new(
    LOW,
    "another role is granted to `system:authenticated` in the whole cluster",
);
pub const UNSEEN: SeverityRule = SeverityRule::new(
    2.0,
    "the audit log does not contain the role (level Metadata) of a ClusterRoleBinding, or of a \
     RoleBinding in `default` or a namespace of cluster components",
);
pub const PACKAGED_ACCOUNTS: SeverityRule = SeverityRule::at_most(
    LOW,
    "the request carries the labels of a package or the object has an owner, and all subjects are \
     service accounts",
);
pub const PLATFORM_ACCOUNTS: SeverityRule = SeverityRule::at_most(
    LOW,
    "a platform component made the request, and all subjects are service accounts or `system:` names",
);
pub const OWN_NAMESPACE: SeverityRule = SeverityRule::at_most(
    LOW,
    "a service account granted the role to service accounts of its own namespace",
);
pub const INSTALLED: SeverityRule = SeverityRule::at_most(
    LOW,
    "the user created the namespace of all subjects, which are service accounts: within \
     `install-window` for a person, within `remember` for a service account",
);

// The rules of `ADMIN_BINDING` and `SELF_GRANT`.
pub const KUBEADM: SeverityRule = SeverityRule::at_most(
    LOW,
    "the subject is the group that kubeadm creates for administrators",
);

// The rules of `SELF_GRANT`.
pub const OWN_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(6.5, "a service account granted itself a strong role");
pub const OWN_NAME: SeverityRule =
    SeverityRule::new(6.0, "another user granted itself a strong role by name");
pub const OWN_GROUP: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a strong role was granted to one of the user's groups",
);
pub const OWN_WEAK: SeverityRule = SeverityRule::new(
    LOW,
    "the role is not known to be strong, and the subject is the user by name",
);

// The rules of `DANGEROUS_ROLE`.
pub const INSTALLED_ROLE: SeverityRule = SeverityRule::at_most(
    LOW,
    "the role is named after a namespace that the same user created within `install-window`",
);

// The rules of `AGGREGATED_ROLE`.
pub const AGGREGATED_STRONG: SeverityRule = SeverityRule::new(
    6.0,
    "one of the permissions is rated 5.0 or more in a role of the whole cluster",
);
pub const AGGREGATED_WEAK: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the built-in role does not have the permissions otherwise",
);

// The rules of `SYSTEM_ROLE`.
pub const SYSTEM_CHANGED: SeverityRule = SeverityRule::new(
    6.0,
    "a role or binding that the API server creates at its start was changed",
);
pub const SYSTEM_DELETED: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a role or binding that the API server creates at its start was deleted",
);
pub const SYSTEM_UNSEEN: SeverityRule = SeverityRule::new(
    LOW,
    "the log does not have what was changed (level Metadata, or truncated)",
);
pub const ADD_ON: SeverityRule = SeverityRule::new(
    LOW,
    "another name that begins with `system:` was changed or deleted, which add-ons use",
);

/// The severity of `SERVICE_ACCOUNT_WRITE`.
pub const FIRST_WRITE: f64 = 2.0;
pub const PACKAGED_WRITE: SeverityRule = SeverityRule::at_most(
    1.0,
    "the object has an owner or the labels of a package, which anybody may write",
);

// The rules of `DENIED`.
pub const DENIED_TO_PERSON: SeverityRule = SeverityRule::new(
    4.5,
    "a person reached `denials` different denials within `denials-window`",
);
pub const DENIED_TO_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    3.5,
    "a service account reached `denials` different denials within `denials-window`",
);
pub const ONE_DENIED: SeverityRule = SeverityRule::new(
    2.0,
    "a person, or a service account with kubectl, curl, or a similar tool, was denied a single change in \
     the cluster or a namespace of cluster components",
);
pub const BEYOND_OWN: SeverityRule = SeverityRule::new(
    LOW,
    "a single request would have granted more than its user has",
);

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

fn default_account() -> FindingType {
    FindingType::new(DEFAULT_ACCOUNT, HIGH)
        .title("An administrative role was granted to a default service account")
        .description(
            "A binding grants administrative permissions to the service account `default` of a \
             namespace. Every pod that names no service account runs as `default`, so an attacker \
             in any such pod administers the namespace or the cluster.",
        )
        .technique("T1098.006")
        .technique("T1078.001")
        .severity_rules([WITHIN_OPENSHIFT])
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
    FindingType::new(ADMIN_BINDING, ADMINISTRATOR.severity)
        .title("An administrative role was granted")
        .description(
            "A binding grants administrative permissions, or a role that leads to them. Attackers \
             create such bindings to escalate privileges and to keep access.",
        )
        .technique("T1098.006")
        .severity_rules([STRONG_TO_ALL, ADMINISTRATOR, EVERYTHING_GRANTED, ADMIN])
        .severity_rule(
            "4.5 to 5.5 if the audit log has shown that the role has dangerous permissions, rated \
             as for `DangerousRole`",
        )
        .severity_rules([
            ADMIN_IN_NAMESPACE,
            EDIT,
            OTHER_TO_ALL,
            UNSEEN,
            PACKAGED_ACCOUNTS,
            PLATFORM_ACCOUNTS,
            OWN_NAMESPACE,
            INSTALLED,
            KUBEADM,
            ObjectChange::RESENT,
        ])
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
        .title("A role was granted to the requesting user")
        .description(
            "The subject of a binding is the user who created it, or one of the user's groups. \
             Attackers with permission to write bindings escalate their privileges in this way.",
        )
        .technique("T1098.006")
        .severity_rules([
            OWN_SERVICE_ACCOUNT,
            OWN_NAME,
            OWN_GROUP,
            OWN_WEAK,
            KUBEADM,
            ObjectChange::PLATFORM,
            ObjectChange::RESENT,
        ])
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
    FindingType::new(DANGEROUS_ROLE, 5.5)
        .title("A role with dangerous permissions was created")
        .description(
            "The role allows its holders to gain more permissions than it lists: control of the \
             whole cluster, or of other accounts. Attackers create such roles to escalate \
             privileges unnoticed.",
        )
        .technique("T1098.006")
        .severity_rules(PERMISSION_RULES)
        .severity_rules([
            INSTALLED_ROLE,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
        ])
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
    FindingType::new(ROLE_WIDENED, 5.5)
        .title("Dangerous permissions were added to an existing role")
        .description(
            "An existing role now leads to more permissions. All subjects that are bound to it \
             have them at once, and no binding shows the change.",
        )
        .technique("T1098.006")
        .severity_rule("1.0 more, at most 6.9, if the user who changed the role is bound to it")
        .severity_rules(PERMISSION_RULES)
        .severity_rules([
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            ObjectChange::RESENT,
        ])
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
    FindingType::new(AGGREGATED_ROLE, AGGREGATED_STRONG.severity)
        .title("Dangerous permissions were aggregated into a built-in role")
        .description(
            "A ClusterRole with an aggregation label becomes part of `admin`, `edit`, `view`, or \
             OpenShift's `cluster-reader`. All subjects that are bound to these gain its \
             permissions, although no binding changes.",
        )
        .technique("T1098.006")
        .severity_rules([
            AGGREGATED_STRONG,
            AGGREGATED_WEAK,
            ObjectChange::PACKAGED,
            ObjectChange::PLATFORM,
            ObjectChange::RESENT,
        ])
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
    FindingType::new(SYSTEM_ROLE, SYSTEM_CHANGED.severity)
        .title("A system role or binding was changed")
        .description(
            "A role or binding that comes with Kubernetes was changed or deleted by a user other \
             than the control plane. Added permissions are easily overlooked there, and a \
             deletion can break the cluster.",
        )
        .technique("T1098.006")
        .severity_rules([SYSTEM_CHANGED, SYSTEM_DELETED, SYSTEM_UNSEEN, ADD_ON, ObjectChange::PACKAGED, ObjectChange::PLATFORM, ObjectChange::RESENT])
        .remediation(
            "Compare the object with that of a new cluster and restore it. The API server does so \
             at its next start unless `rbac.authorization.kubernetes.io/autoupdate` is false.",
        )
        .false_positives(
            "Hardening guides, which remove subjects from `system:discovery` and similar bindings. A \
             change of other labels or annotations is not reported, and neither is an object that is \
             sent again.",
        )
        .tuning(TUNING)
        .aggregated_by("actor, verb, and object")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings")
}

fn service_account_write() -> FindingType {
    FindingType::new(SERVICE_ACCOUNT_WRITE, FIRST_WRITE)
        .title("Roles or bindings were changed by a service account")
        .description(
            "A service account outside of the system namespaces wrote RBAC objects for the first \
             time within `remember`. Few workloads need to, but an attacker with their token \
             does. Changes that another finding of this detector reports are not reported again.",
        )
        .severity_rules([PACKAGED_WRITE])
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
    FindingType::new(CHANGE_THEN_USE, MEDIUM)
        .title("Strong permissions were granted and followed by sensitive requests")
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
    FindingType::new(DENIED, DENIED_TO_PERSON.severity)
        .title("Denied changes of roles or bindings")
        .description(
            "A user tried to write roles or bindings and was denied, either for lack of \
             permissions or because RBAC forbids granting permissions that the user does not \
             have. A single denial for lack of permissions is reported once a day, if it was made by hand \
             and reaches beyond one namespace.",
        )
        .technique("T1098.006")
        .severity_rules([
            DENIED_TO_PERSON,
            DENIED_TO_SERVICE_ACCOUNT,
            BEYOND_OWN,
            ONE_DENIED,
        ])
        .remediation(
            "Ask the user about the purpose. If the user does not know of it, revoke the \
             credential.",
        )
        .false_positives(
            "Users who install software without the permissions for it, and Kubernetes operators \
             that lack some.",
        )
        .tuning("Raise `denials`.")
        .aggregated_by("actor, and burst, grant beyond one's own, or single denial")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping")
}
