//! The types of findings.

use wardline_sdk::FindingType;

/// GuardDuty's.
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

/// How all rules here are made quieter.
const TUNING: &str = "Name those who install software or hand out rights in `trusted-users`.";

/// Says that packages are rated Low.
const PACKAGED: &str = "3.0 if the object carries the labels of Helm, Argo CD, Flux, OLM or another package, or has an owner";

/// Says that software which is installed by hand is rated Low.
const INSTALLED: &str = "3.0 if its author made the namespace of all subjects, which are service accounts: within `install-window` if they are a person, at any time if it is an operator";

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
    FindingType::new(DEFAULT_ACCOUNT, 8.0)
        .title("A default service account was given admin rights")
        .description(
            "Every pod that names no service account runs as `default` of its namespace. With these \
             rights every such pod, and whoever breaks into one, administers the namespace or the cluster.",
        )
        .technique("T1098.006")
        .technique("T1078.001")
        .severity_rule("3.0 if a distribution's own service account did it within that distribution's namespaces")
        .remediation(
            "Delete the binding, or give the rights to a service account of the one workload that needs \
             them. Look for what pods of the namespace did since.",
        )
        .false_positives(
            "Quick set-ups of Helm 2, Jenkins or dashboards do this on purpose; the risk is the same.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and binding")
        .attribute("tactic", "TA0004")
        .reference(RBAC)
        .reference(GUARDDUTY)
}

fn admin_binding() -> FindingType {
    FindingType::new(ADMIN_BINDING, 6.0)
        .title("An administrative role was given away")
        .description(
            "A binding now gives somebody the rights of an administrator, or of a role with which one \
             becomes one.",
        )
        .technique("T1098.006")
        .severity_rule("6.0 for cluster-admin, or a role known to allow everything, in the whole cluster or kube-system")
        .severity_rule("5.0 for admin, or for roles of the control plane, in the whole cluster or kube-system")
        .severity_rule("the role's own severity, where the log has told what it allows")
        .severity_rule("8.0 if `system:authenticated` gets a strong role: everybody with any credential")
        .severity_rule("3.0 for cluster-admin or admin in one namespace, and for edit in the whole cluster")
        .severity_rule("3.0 if `system:authenticated` gets another role in the whole cluster")
        .severity_rule(PACKAGED)
        .severity_rule("3.0 if a robot sent the whole binding again and the log has not told what it was; if an operator gave rights within its own namespace; if the platform gave them to service accounts or names of its own")
        .severity_rule(INSTALLED)
        .severity_rule("2.0 if the log does not have the role (level Metadata)")
        .remediation(
            "Ask who made the binding whether it was meant, and whether a smaller role would do. Delete it \
             if not, and look at what its subjects did since.",
        )
        .false_positives(
            "Onboarding of administrators, and installers that give cluster-admin to a service account \
             without labels of a package.",
        )
        .tuning(TUNING)
        .aggregated_by("actor, binding and role; for one namespace actor and role")
        .reference(RBAC)
        .reference(GOOD_PRACTICES)
}

fn self_grant() -> FindingType {
    FindingType::new(SELF_GRANT, 5.5)
        .title("Somebody gave rights to themselves")
        .description("The subject of a binding is who made it, or a group of theirs.")
        .technique("T1098.006")
        .severity_rule("6.5 if a service account gave itself a strong role")
        .severity_rule("6.0 if a user did; 5.0 through a group of theirs; 3.0 for the group that kubeadm makes")
        .severity_rule("3.0 for a role that is not known to be strong; not reported through a group")
        .remediation(
            "Find out why they needed more rights and how they could take them: `bind`, `escalate` or \
             cluster-admin. Delete the binding, and have grants made by somebody else.",
        )
        .false_positives(
            "Setup guides of clouds let the first administrator bind cluster-admin to themselves.",
        )
        .tuning(TUNING)
        .aggregated_by("actor and binding")
        .reference(GOOD_PRACTICES)
}

fn dangerous_role() -> FindingType {
    FindingType::new(DANGEROUS_ROLE, 5.5)
        .title("A role that leads to more rights was made")
        .description(
            "Whoever is bound to this role can get more rights than it names: the whole cluster, or \
             other accounts.",
        )
        .technique("T1098.006")
        .severity_rule("6.0 for every verb on every resource of the cluster; 5.5 in kube-system")
        .severity_rule("5.5 for escalate, bind or impersonate; 5.0 in kube-system")
        .severity_rule("5.0 for tokens of service accounts, and for approving or signing certificates")
        .severity_rule("4.5 for nodes/proxy; 3.5 for webhooks and for secrets of the whole cluster")
        .severity_rule("3.0 for roles and bindings, pods/exec and ephemeral containers of the whole cluster; 2.0 for workloads and persistent volumes")
        .severity_rule("at most 3.0 in any other namespace")
        .severity_rule(PACKAGED)
        .severity_rule("3.0 if the platform did it, or its author made a namespace within `install-window` after which it is named")
        .remediation(
            "Ask who made it what it is for. Replace wildcards by the verbs and resources that are \
             needed, restrict them to names, and use a Role instead of a ClusterRole where that is enough.",
        )
        .false_positives("Operators installed from manifests that carry no labels of a package.")
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference(GOOD_PRACTICES)
}

fn role_widened() -> FindingType {
    FindingType::new(ROLE_WIDENED, 5.5)
        .title("A role was given more dangerous rights")
        .description(
            "A role that was there already now leads to more rights: everybody who is bound to it has \
             them at once, and no binding shows it.",
        )
        .technique("T1098.006")
        .severity_rule("as DangerousRole, for the rights that are new")
        .severity_rule("one more, up to 6.9, if who changed it is bound to it")
        .severity_rule(PACKAGED)
        .severity_rule("3.0 if a robot sent the whole role again and the log has not told what it was")
        .remediation(
            "Put the role back as it was, and look at what those who are bound to it did since. Let \
             nobody change roles that they hold (`escalate`).",
        )
        .false_positives("New versions of operators that need more, installed from plain manifests.")
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference(RBAC)
}

fn aggregated_role() -> FindingType {
    FindingType::new(AGGREGATED_ROLE, 6.0)
        .title("Dangerous rights were added to a built-in role through a label")
        .description(
            "A ClusterRole with an aggregation label flows into `admin`, `edit` or `view`: everybody who \
             is bound to these has its rights too, without any binding being changed.",
        )
        .technique("T1098.006")
        .severity_rule("6.0 for rights that take over the cluster, 5.0 for others that the built-in role does not have")
        .severity_rule(PACKAGED)
        .severity_rule("3.0 if the platform did it")
        .remediation("Take the label off or delete the role, and look at what holders of the built-in role did since.")
        .false_positives("Operators add rights on their own resources this way; those are not reported.")
        .tuning(TUNING)
        .aggregated_by("actor and role")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles")
}

fn system_role() -> FindingType {
    FindingType::new(SYSTEM_ROLE, 6.0)
        .title("A role or binding of Kubernetes itself was changed")
        .description(
            "The roles of the control plane and of users in general were changed or deleted by somebody \
             who is not the control plane: rights hide well there, and deleting one breaks the cluster.",
        )
        .technique("T1098.006")
        .severity_rule("6.0 for roles and bindings that the API server makes at its start; 5.0 if it was deleted")
        .severity_rule("3.0 for other names that begin with `system:`, which add-ons use")
        .severity_rule(PACKAGED)
        .severity_rule("3.0 if the platform did it")
        .remediation(
            "Compare it with that of a new cluster, and put it back; the API server does so at its next \
             start unless `rbac.authorization.kubernetes.io/autoupdate` is false.",
        )
        .false_positives("Hardening guides take subjects off `system:discovery` and its like.")
        .tuning(TUNING)
        .aggregated_by("actor, verb and object")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings")
}

fn service_account_write() -> FindingType {
    FindingType::new(SERVICE_ACCOUNT_WRITE, 2.0)
        .title("A service account changed roles or bindings")
        .description(
            "A service account outside of the cluster's own namespaces wrote RBAC objects, for the first \
             time in a long while. Few workloads need to; an attacker with its token does.",
        )
        .technique("T1098.006")
        .severity_rule("not reported where the object carries labels of a package, or another rule here has fired")
        .remediation("Look at whether the account is a deployer or an operator. If not, revoke its tokens and undo the change.")
        .false_positives("Deployers and operators, once each.")
        .tuning(TUNING)
        .aggregated_by("actor")
        .reference(GOOD_PRACTICES)
}

fn change_then_use() -> FindingType {
    FindingType::new(CHANGE_THEN_USE, 5.0)
        .title("Strong rights were given away, and used for more right afterwards")
        .description(
            "Who gave away strong rights went on within minutes to read secrets, get tokens, run commands \
             or make workloads: the two steps of a takeover.",
        )
        .technique("T1098.006")
        .technique("T1078.004")
        .severity_rule("only after a change of this detector that was Medium or more, and was no package's; not for a Deployment or its like with the very account that was given the rights, or in a namespace that its author just made")
        .remediation("Look at both requests together: the evidence names them. Undo the grant first.")
        .false_positives("An administrator who sets up an application by hand.")
        .tuning("Shorten `use-window`, or name them in `trusted-users`.")
        .aggregated_by("actor")
        .reference(GOOD_PRACTICES)
}

fn denied() -> FindingType {
    FindingType::new(DENIED, 4.5)
        .title("Changes of rights were refused")
        .description(
            "Somebody tried to write roles or bindings and was refused: for want of rights, or because \
             RBAC forbids to give what one does not have.",
        )
        .technique("T1098.006")
        .severity_rule("4.5 if a person was refused as many as `denials` different ones within `denials-window`")
        .severity_rule("3.5 if a service account was")
        .severity_rule("3.0 for a single one that would have given more than its author has")
        .severity_rule("not reported for a single other one")
        .remediation("Ask them what they wanted. If they do not know of it, revoke the credential.")
        .false_positives("Somebody who installs software without the rights for it; operators that lack some.")
        .tuning("Raise `denials`.")
        .aggregated_by("actor, and whether it was a burst")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping")
}
