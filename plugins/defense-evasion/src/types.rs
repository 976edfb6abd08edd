//! The types of findings.

use wardline_sdk::FindingType;

/// Events were deleted.
pub const EVENTS_DELETED: &str = "DefenseEvasion:Kubernetes/EventsDeleted";
/// A security or log agent was disabled.
pub const AGENT_DISABLED: &str = "DefenseEvasion:Kubernetes/SecurityAgentDisabled";
/// The audit log was switched off.
pub const AUDIT_DISABLED: &str = "DefenseEvasion:Kubernetes/AuditDisabled";
/// A network policy was deleted.
pub const NETWORK_POLICY_DELETED: &str = "DefenseEvasion:Kubernetes/NetworkPolicyDeleted";
/// A network policy allows everything.
pub const NETWORK_POLICY_WEAKENED: &str = "DefenseEvasion:Kubernetes/NetworkPolicyWeakened";
/// A quota or limit was deleted.
pub const LIMITS_REMOVED: &str = "DefenseEvasion:Kubernetes/ResourceLimitsRemoved";

const REFUSED: &str = "3.0 if the request was refused, failed or was a dry run";

/// All of them.
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
    FindingType::new(EVENTS_DELETED, 5.0)
        .title("Events were deleted")
        .description(
            "Events tell what happened to pods and nodes, and expire by themselves. Who deletes them \
             wants that nobody reads them.",
        )
        .technique("T1070")
        .remediation(
            "Ask the user why. The audit log keeps what the events told: look at what the same user and \
             address did before. Take `delete` on events out of roles; nobody needs it.",
        )
        .false_positives("Programs that tidy up test clusters, and people who clear a namespace's view.")
        .severity_rule(REFUSED)
        .tuning("`trusted-users`")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1070/")
}

fn agent_disabled() -> FindingType {
    FindingType::new(AGENT_DISABLED, 6.0)
        .title("A security or log agent was disabled")
        .description(
            "An agent that sees attacks or ships logs was deleted, scaled to zero, sent to nodes that do \
             not exist, or given an image or command that does nothing.",
        )
        .technique("T1562.001")
        .remediation(
            "Ask the user whether this was intended. If not, revoke the credential, reinstall the agent \
             from its source, and look at what ran on the nodes meanwhile.",
        )
        .false_positives(
            "Removing an agent on purpose, or replacing it by another. Upgrades, restarts and changes of \
             the tag are not found.",
        )
        .severity_rule("5.0 if a service account did it, 3.0 if it is the one that installed the agent")
        .severity_rule("3.0 if only arguments changed and somebody else installed the agent")
        .severity_rule("3.0 if a person changed or deleted its ConfigMap")
        .severity_rule(REFUSED)
        .tuning("`agents` says which workloads are agents; `trusted-users` who manages them")
        .aggregated_by("actor and workload")
        .reference("https://attack.mitre.org/techniques/T1562/001/")
}

fn audit_disabled() -> FindingType {
    FindingType::new(AUDIT_DISABLED, 7.0)
        .title("The audit log was switched off")
        .description(
            "The API server was told to log nothing any more, or nothing of some groups. What happens from \
             then on is in no audit log, and no detector sees it.",
        )
        .technique("T1562.008")
        .remediation(
            "Set the profile back (`oc patch apiserver cluster --type=merge -p \
             '{\"spec\":{\"audit\":{\"profile\":\"Default\"}}}'`), and revoke the credential. For the time \
             without a log, look at the nodes, the objects that have changed, and the logs of the cloud.",
        )
        .false_positives("Support cases and load tests in which the log is switched off on purpose.")
        .severity_rule("6.0 if only some groups are left out (`customRules`)")
        .severity_rule("5.0 if a service account did it, once in 30 days for each value")
        .severity_rule(REFUSED)
        .tuning("`trusted-users`")
        .aggregated_by("actor and name")
        .reference("https://attack.mitre.org/techniques/T1562/008/")
        .reference("https://docs.openshift.com/container-platform/latest/security/audit-log-policy-config.html")
}

fn network_policy_deleted() -> FindingType {
    FindingType::new(NETWORK_POLICY_DELETED, 5.0)
        .title("A network policy was deleted")
        .description(
            "Pods that the policy kept apart can reach each other, or the internet, once no other policy \
             selects them.",
        )
        .technique("T1562.004")
        .technique("T1562.007")
        .remediation(
            "Ask the user whether this was intended. If not, recreate the policy from its source and look \
             for connections since then.",
        )
        .false_positives(
            "Policies that are replaced under another name. Those that go with their namespace are not found.",
        )
        .severity_rule(
            "3.0 if a service account did it, or a person who removed workloads of the namespace in the two \
             minutes before (`helm uninstall`)",
        )
        .severity_rule(REFUSED)
        .tuning("`trusted-users`")
        .aggregated_by("actor, resource and namespace")
        .reference("https://kubernetes.io/docs/concepts/services-networking/network-policies/")
}

fn network_policy_weakened() -> FindingType {
    FindingType::new(NETWORK_POLICY_WEAKENED, 5.0)
        .title("A network policy allows everything")
        .description(
            "What network policies allow adds up: a rule without conditions for all pods of a namespace \
             undoes every other policy there.",
        )
        .technique("T1562.004")
        .technique("T1562.007")
        .remediation("Delete the policy, or name the peers that are meant.")
        .false_positives("Namespaces that are meant to be open, such as those of ingress controllers.")
        .severity_rule("4.0 if the policy is new")
        .severity_rule("3.0 if only egress is opened, or a service account did it")
        .tuning("`trusted-users`")
        .aggregated_by("actor, namespace and name; of a service account by actor")
        .reference("https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies")
}

fn limits_removed() -> FindingType {
    FindingType::new(LIMITS_REMOVED, 2.0)
        .title("A quota or limit was deleted")
        .description("Nothing limits any more how much the namespace's pods may take.")
        .technique("T1562")
        .technique("T1496")
        .remediation("Recreate it, unless the namespace has no need of one.")
        .false_positives("Changes by people who manage tenants; removal of a release.")
        .tuning("`trusted-users`")
        .aggregated_by("actor, resource and namespace")
        .reference("https://kubernetes.io/docs/concepts/policy/resource-quotas/")
}
