//! The types of findings.

mod reviews;

use wardline_sdk::FindingType;

/// An account asked what it may do.
pub const PERMISSION_PROBE: &str = "Discovery:Kubernetes/PermissionProbe";
/// Somebody without a credential tried many things.
pub const ANONYMOUS_PROBE: &str = "Recon:Kubernetes/AnonymousProbe";
/// An account went through kinds of objects.
pub const ENUMERATION: &str = "Discovery:Kubernetes/Enumeration";
/// The client says that it is a tool of attackers.
pub const ATTACK_TOOL: &str = "Recon:Kubernetes/AttackTool";
/// The API server's endpoints for debugging were read.
pub const SENSITIVE_ENDPOINT: &str = "Discovery:Kubernetes/SensitiveEndpoint";
/// Logs of many pods were read.
pub const LOG_HARVEST: &str = "Collection:Kubernetes/LogHarvest";

const REVOKE: &str = "Find out what the account is for and whether its owner did this. If not, revoke \
    the credential (delete the pod that a token is bound to, rotate the certificate), look for what it \
    did afterwards, and take away rights that it does not need.";

/// An account asked what many others may do.
pub const OTHERS_PROBE: &str = "Discovery:Kubernetes/PermissionEnumeration";
/// Tokens were tried out.
pub const TOKEN_REVIEWS: &str = "CredentialAccess:Kubernetes/TokenReviewAbuse";
/// The ConfigMaps of all namespaces were read by hand.
pub const CONFIG_MAP_SWEEP: &str = "CredentialAccess:Kubernetes/ConfigMapSweep";

/// All of them.
pub fn all() -> [FindingType; 9] {
    [
        permission_probe(),
        reviews::others_probe(),
        reviews::token_reviews(),
        reviews::config_map_sweep(),
        anonymous_probe(),
        enumeration(),
        attack_tool(),
        sensitive_endpoint(),
        log_harvest(),
    ]
}

fn permission_probe() -> FindingType {
    FindingType::new(PERMISSION_PROBE, 5.0)
        .title("An account probed what it may do")
        .description(
            "Programs are written for the rights that they have. Who found a token asks the API server \
             what it is good for: `kubectl auth can-i --list`, `kubectl auth whoami`.",
        )
        .technique("T1069")
        .technique("T1613")
        .remediation(REVOKE)
        .false_positives(
            "Dashboards (Lens, Headlamp, k9s, OpenShift's console) ask on behalf of people; operators \
             check single rights when they start. Both are Low.",
        )
        .severity_rule(
            "5.0 if a service account or node asked for its rights in several namespaces, or for three \
             different rights that lead to all others (`escalate`, `bind`, `impersonate`, `pods/exec`, \
             `nodes/proxy`, `serviceaccounts/token`, bindings, secrets of the cluster, `*`)",
        )
        .severity_rule(
            "3.0 if a person did, or asked for four such rights, if a service account did in one, or asked for a powerful or for many single rights",
        )
        .severity_rule("2.0 if a service account asked who it is, or for any right with kubectl or a scripting client")
        .tuning("`namespaces`, `checks`, `window`; `trusted-users` for consoles")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access")
}

fn anonymous_probe() -> FindingType {
    FindingType::new(ANONYMOUS_PROBE, 4.5)
        .title("Somebody without a credential tried many requests")
        .description(
            "One address was refused different requests without authentication: somebody looks for what \
             is open. Nothing was given away; a request that succeeds is a finding of its own.",
        )
        .technique("T1595")
        .technique("T1613")
        .attribute("tactic", "TA0043")
        .remediation(
            "Keep the API server's address from networks that do not need it (authorized networks, a \
             private endpoint), and see whether the address is one of yours.",
        )
        .false_positives(
            "An API server that the internet reaches is scanned all day; vulnerability scanners of your own; programs whose token has expired.",
        )
        .severity_rule("3.0 if fewer than three resources were asked for (paths of web servers only), or a credential was shown that is not valid (401)")
        .tuning("`anonymous-paths`, `window`")
        .aggregated_by("source address")
        .reference("https://attack.mitre.org/techniques/T1595/")
}

fn enumeration() -> FindingType {
    FindingType::new(ENUMERATION, 5.0)
        .title("An account went through kinds of objects")
        .description(
            "The account was refused one kind of object after the other: it does not know what it may \
             read, and tries.",
        )
        .technique("T1613")
        .technique("T1087")
        .remediation(REVOKE)
        .false_positives(
            "Programs that were installed without the roles that they need: caches of controllers are \
             told by their resource version and are Low. `kubectl get all` of a person counts nothing.",
        )
        .severity_rule(
            "3.0 if the requests look like those of a controller's cache, or if they succeeded: lists of \
             six kinds that tell of accounts, roles and nodes, over all namespaces",
        )
        .tuning("`kinds`, `window`; `trusted-users` for auditors and inventories")
        .aggregated_by("actor and source address")
        .reference("https://attack.mitre.org/techniques/T1613/")
}

fn attack_tool() -> FindingType {
    FindingType::new(ATTACK_TOOL, 5.0)
        .title("A tool of attackers was used")
        .description("The client names itself as a tool that is made to attack or to scan clusters.")
        .technique("T1595")
        .technique("T1613")
        .attribute("tactic", "TA0043")
        .remediation(
            "Ask whether a penetration test or a scan is going on. If not, revoke the credential and \
             look for what else came from the address.",
        )
        .false_positives("Scanners that teams run themselves, such as Trivy and Kubescape, are Low.")
        .severity_rule("3.0 if the tool is a scanner for those who defend, or the request was refused")
        .tuning("`trusted-users` for the service accounts of scanners")
        .aggregated_by("actor (without a credential the source address) and tool")
        .reference("https://attack.mitre.org/software/")
}

fn sensitive_endpoint() -> FindingType {
    FindingType::new(SENSITIVE_ENDPOINT, 5.0)
        .title("Endpoints of the API server for debugging were read")
        .description(
            "Profiles hold parts of the API server's memory, `/logs` its host's log files, the others how \
             it is configured. Normal programs have no use for them.",
        )
        .technique("T1613")
        .technique("T1082")
        .remediation(
            "Ask who runs the account. Take the non-resource URLs out of its role, and set \
             `--profiling=false` on the API server.",
        )
        .false_positives(
            "Administrators who look for faults; continuous profilers. Service accounts that read `/metrics` are not found.",
        )
        .severity_rule("3.0 if a person read it, or the request was refused or failed")
        .severity_rule("2.0 if a person read `/metrics`")
        .tuning("`trusted-users` for profilers")
        .aggregated_by("actor and first part of the path")
        .reference("https://www.cisecurity.org/benchmark/kubernetes")
}

fn log_harvest() -> FindingType {
    FindingType::new(LOG_HARVEST, 5.0)
        .title("The logs of many pods were read")
        .description(
            "Logs hold tokens, addresses and personal data. One account read those of many pods in a \
             short time.",
        )
        .technique("T1005")
        .technique("T1552")
        .remediation(REVOKE)
        .false_positives(
            "Log shippers that read through the API and `stern` follow logs: Low. `kubectl cluster-info \
             dump` and loops of people are Low too.",
        )
        .severity_rule("Logs that are read and not followed count by namespaces too (`log-namespaces`)")
        .severity_rule("3.0 if the logs were followed, a person did it, or they are of one or two namespaces")
        .tuning("`pods`, `log-namespaces`, `window`; `trusted-users` for log shippers")
        .aggregated_by("actor, and whether logs were followed")
        .reference("https://attack.mitre.org/techniques/T1005/")
}
