//! The finding types.

use wardline_sdk::FindingType;
use wardline_sdk::rules::outcome::ATTEMPTED;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};

/// Events were deleted.
pub const EVENTS_DELETED: &str = "DefenseEvasion:Kubernetes/EventsDeleted";
/// A security or log agent was disabled.
pub const AGENT_DISABLED: &str = "DefenseEvasion:Kubernetes/SecurityAgentDisabled";
/// The audit log was disabled.
pub const AUDIT_DISABLED: &str = "DefenseEvasion:Kubernetes/AuditDisabled";
/// A network policy was deleted.
pub const NETWORK_POLICY_DELETED: &str = "DefenseEvasion:Kubernetes/NetworkPolicyDeleted";
/// A network policy allows all traffic.
pub const NETWORK_POLICY_WEAKENED: &str = "DefenseEvasion:Kubernetes/NetworkPolicyWeakened";
/// A quota or limit was deleted.
pub const LIMITS_REMOVED: &str = "DefenseEvasion:Kubernetes/ResourceLimitsRemoved";

/// The severity of an agent that a person disabled.
pub const AGENT_STOPPED: f64 = 6.0;
pub const AGENT_BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(MEDIUM, "a service account did it with its own program");
pub const OWN_AGENT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account did it with its own program, and installed or last changed the agent",
);
pub const ARGUMENTS: SeverityRule = SeverityRule::new(
    LOW,
    "only arguments changed, and another user installed or last changed the agent",
);
pub const CONFIGURATION: SeverityRule = SeverityRule::new(
    LOW,
    "a user other than a service account changed or deleted the agent's ConfigMap",
);

/// The severity of an audit log that a person disabled for all requests.
pub const AUDIT_OFF: f64 = 7.0;
pub const AUDIT_PARTLY_OFF: SeverityRule =
    SeverityRule::new(6.0, "only some groups are not logged (`customRules`)");
pub const AUDIT_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a service account did it with its own program, reported once in 30 days for each value",
);

pub const DELETED_BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account did it with its own program");
pub const UNINSTALLED: SeverityRule = SeverityRule::new(
    LOW,
    "the policies were deleted one by one, by a user that deleted a workload of the namespace in the \
     two minutes before, and not with kubectl, curl, or a similar tool (`helm uninstall`)",
);

pub const NEW_POLICY: SeverityRule = SeverityRule::new(4.0, "the policy is new");
pub const ONLY_EGRESS: SeverityRule = SeverityRule::new(LOW, "only egress is opened");
pub const ALLOWED_BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account did it with its own program");

/// Returns all finding types of this detector.
pub fn all() -> [FindingType; 6] {
    [
        events_deleted(),
        agent_disabled(),
        audit_disabled(),
        network_policy_deleted(),
        network_policy_weakened(),
        limits_removed(),
    ]
}

fn events_deleted() -> FindingType {
    FindingType::new(EVENTS_DELETED, MEDIUM)
        .title("Kubernetes events were deleted")
        .description(
            "Events record what happened to pods and nodes, and expire on their own. An attacker deletes \
             them to hide traces.",
        )
        .technique("T1070")
        .remediation(
            "Ask the user for the reason. The audit log still has the requests behind the events: review \
             what the same user and address did before. Remove `delete` on events from roles; nobody needs \
             it.",
        )
        .false_positives(
            "Programs that clean up test clusters, and people who clear the events of a namespace.",
        )
        .severity_rules([ATTEMPTED])
        .tuning("Add accounts that clean up events to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1070/")
}

fn agent_disabled() -> FindingType {
    FindingType::new(AGENT_DISABLED, AGENT_STOPPED)
        .title("A security or log agent was disabled")
        .description(
            "An agent that detects attacks or ships logs was deleted, scaled to zero, restricted to nodes \
             with a new label, or given another image or a command that does nothing. Attackers disable \
             agents so that nobody sees their next steps.",
        )
        .technique("T1562.001")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential, reinstall the agent \
             from its source, and review what ran on the nodes in the meantime.",
        )
        .false_positives(
            "Planned removal or replacement of an agent. Upgrades, restarts, and changes of the image tag \
             are not reported.",
        )
        .severity_rules([
            AGENT_BY_SERVICE_ACCOUNT,
            OWN_AGENT,
            ARGUMENTS,
            CONFIGURATION,
            ATTEMPTED,
        ])
        .tuning("Add or remove words in `agents`. Add users that manage agents to `trusted-users`.")
        .aggregated_by("actor and workload")
        .reference("https://attack.mitre.org/techniques/T1562/001/")
}

fn audit_disabled() -> FindingType {
    FindingType::new(AUDIT_DISABLED, AUDIT_OFF)
        .title("The audit log was disabled")
        .description(
            "The API server was configured to log no requests, or none of some user groups. Requests that \
             are not logged are invisible to every detector.",
        )
        .technique("T1562.008")
        .remediation(
            "Restore the profile (`oc patch apiserver cluster --type=merge -p \
             '{\"spec\":{\"audit\":{\"profile\":\"Default\"}}}'`), and revoke the credential. For the time \
             without a log, review the nodes, the objects that have changed, and the logs of the cloud.",
        )
        .false_positives("Support cases and load tests for which the log is disabled on purpose.")
        .severity_rules([AUDIT_PARTLY_OFF, AUDIT_BY_SERVICE_ACCOUNT, ATTEMPTED])
        .tuning("Add users that configure the audit log to `trusted-users`.")
        .aggregated_by("actor and name")
        .reference("https://attack.mitre.org/techniques/T1562/008/")
        .reference("https://docs.openshift.com/container-platform/latest/security/audit-log-policy-config.html")
}

fn network_policy_deleted() -> FindingType {
    FindingType::new(NETWORK_POLICY_DELETED, MEDIUM)
        .title("A network policy was deleted")
        .description(
            "Pods that the policy isolated can reach each other, or the internet, unless another policy \
             selects them. An attacker deletes policies to move to other workloads.",
        )
        .technique("T1562.004")
        .technique("T1562.007")
        .remediation(
            "Ask the user whether this was intended. If not, recreate the policy from its source and look \
             for connections since then.",
        )
        .false_positives(
            "Policies that are replaced under another name. Policies that are deleted with their namespace \
             are not reported.",
        )
        .severity_rules([DELETED_BY_SERVICE_ACCOUNT, UNINSTALLED, ATTEMPTED])
        .tuning("Add users that manage network policies to `trusted-users`.")
        .aggregated_by("actor, resource, and namespace")
        .reference("https://kubernetes.io/docs/concepts/services-networking/network-policies/")
}

fn network_policy_weakened() -> FindingType {
    FindingType::new(NETWORK_POLICY_WEAKENED, MEDIUM)
        .title("A network policy allows all traffic")
        .description(
            "A policy that selects all pods of a namespace now has a rule without conditions. Network \
             policies are additive, so this rule overrides every other policy of the namespace.",
        )
        .technique("T1562.004")
        .technique("T1562.007")
        .remediation("Delete the policy, or restrict its rules to the intended peers.")
        .false_positives(
            "Namespaces that are open by design, such as those of ingress controllers.",
        )
        .severity_rules([NEW_POLICY, ONLY_EGRESS, ALLOWED_BY_SERVICE_ACCOUNT])
        .tuning("Add users that manage network policies to `trusted-users`.")
        .aggregated_by("actor, namespace, and name; actor for service accounts")
        .reference("https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies")
}

fn limits_removed() -> FindingType {
    FindingType::new(LIMITS_REMOVED, 2.0)
        .title("A resource quota or limit range was deleted")
        .description(
            "The resources that pods of the namespace may use are no longer limited. Cryptominers and \
             denial-of-service attacks benefit from that.",
        )
        .technique("T1562")
        .technique("T1496")
        .remediation("Recreate the object, unless the namespace does not need one.")
        .false_positives("Changes by people who manage tenants, and the removal of a release.")
        .tuning("Add users that manage tenants to `trusted-users`.")
        .aggregated_by("actor, resource, and namespace")
        .reference("https://kubernetes.io/docs/concepts/policy/resource-quotas/")
}
