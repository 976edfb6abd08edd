//! The finding types.

mod reviews;

use wardline_sdk::FindingType;
use wardline_sdk::rules::outcome::ATTEMPTED;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};

/// An account probed its own rights.
pub const PERMISSION_PROBE: &str = "Discovery:Kubernetes/PermissionProbe";
/// An address made many different requests without a valid credential.
pub const ANONYMOUS_PROBE: &str = "Recon:Kubernetes/AnonymousProbe";
/// An account enumerated kinds of objects.
pub const ENUMERATION: &str = "Discovery:Kubernetes/Enumeration";
/// The user agent names an attack tool or scanner.
pub const ATTACK_TOOL: &str = "Recon:Kubernetes/AttackTool";
/// A debugging endpoint of the API server was read.
pub const SENSITIVE_ENDPOINT: &str = "Discovery:Kubernetes/SensitiveEndpoint";
/// The logs of many pods were read.
pub const LOG_HARVEST: &str = "Collection:Kubernetes/LogHarvest";

const REVOKE: &str = "Find out what the account is for and whether its owner did this. If not, revoke \
    the credential (delete the pod that a token is bound to, rotate the certificate), review what it \
    did afterwards, and remove rights that it does not need.";

/// An account reviewed the rights of many other subjects.
pub const OTHERS_PROBE: &str = "Discovery:Kubernetes/PermissionEnumeration";
/// An account reviewed many tokens.
pub const TOKEN_REVIEWS: &str = "CredentialAccess:Kubernetes/TokenReviewAbuse";
/// A script or command-line tool listed the ConfigMaps of all namespaces.
pub const CONFIG_MAP_SWEEP: &str = "CredentialAccess:Kubernetes/ConfigMapSweep";

// The rules of `PERMISSION_PROBE`.
pub const BURST: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a service account or node checked its rights in several namespaces (`namespaces`), or three \
     different rights that allow escalation (`escalate`, `bind`, `impersonate`, `pods/exec`, \
     `nodes/proxy`, `serviceaccounts/token`, creation of bindings, secrets of all or of Kubernetes' \
     namespaces, `*`)",
);
pub const BURST_BY_PERSON: SeverityRule = SeverityRule::new(
    LOW,
    "a person checked rights in several namespaces, four different rights that allow escalation, or \
     many single rights (`checks`)",
);
pub const SINGLE: SeverityRule = SeverityRule::new(
    LOW,
    "a service account or node listed its rights in one namespace, or checked one right that allows \
     escalation or many single rights",
);
pub const WHO_AM_I: SeverityRule =
    SeverityRule::new(2.0, "a service account or node checked its identity");
pub const BY_HAND: SeverityRule = SeverityRule::new(
    2.0,
    "a service account or node checked any right with kubectl or a scripting client",
);

/// The severity of denied requests for resources without a credential.
pub const TARGETED: f64 = 4.5;
pub const WEB_PATHS: SeverityRule = SeverityRule::new(
    LOW,
    "fewer than three of the requests were for resources (the others try paths of web servers)",
);
pub const INVALID_CREDENTIAL: SeverityRule =
    SeverityRule::new(LOW, "a credential was presented that is not valid (401)");

// The rules of `ENUMERATION`.
pub const CACHE: SeverityRule = SeverityRule::new(
    LOW,
    "the denied requests look like those that fill a controller's cache",
);
pub const LISTED: SeverityRule = SeverityRule::new(
    LOW,
    "the requests succeeded: lists of six kinds that describe accounts, roles, and nodes, across all \
     namespaces",
);

pub const LISTED_BY_CLIENT: SeverityRule = SeverityRule::new(
    2.0,
    "a person's client listed them as for a cache; once in 30 days",
);

// The rules of `ATTACK_TOOL`.
pub const SCANNER: SeverityRule = SeverityRule::new(LOW, "the tool is a scanner for defenders");

// The rules of `SENSITIVE_ENDPOINT`.
pub const NOT_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "the user is not a service account");
pub const METRICS: SeverityRule = SeverityRule::new(2.0, "a person read `/metrics`");

// The rules of `LOG_HARVEST`.
pub const ORDINARY_LOGS: SeverityRule = SeverityRule::new(
    LOW,
    "the logs were followed, a person read them, or they are of one or two namespaces",
);

// The rules of `OTHERS_PROBE`.
pub const OTHERS_BY_PERSON: SeverityRule = SeverityRule::new(
    LOW,
    "a person did it, unless the reviews were for rights that allow escalation and for twice as many \
     subjects",
);
pub const OTHERS_UNSEEN: SeverityRule = SeverityRule::new(
    LOW,
    "the audit policy recorded only metadata and a person made twice as many reviews",
);

// The rules of `TOKEN_REVIEWS`.
pub const REVIEWED_BY_PERSON: SeverityRule = SeverityRule::new(LOW, "a person did it");

/// Returns all finding types of this detector.
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
    FindingType::new(PERMISSION_PROBE, MEDIUM)
        .title("An account probed its own permissions")
        .description(
            "Programs are written for the rights that they have. An attacker who found a token asks the API \
             server what the token allows (`kubectl auth can-i --list`, `kubectl auth whoami`).",
        )
        .technique("T1069")
        .technique("T1613")
        .remediation(REVOKE)
        .false_positives(
            "Consoles (Lens, Headlamp, k9s, the OpenShift console), which check rights on behalf of people, \
             and operators that check single rights when they start. Both are Low.",
        )
        .severity_rules([BURST, BURST_BY_PERSON, SINGLE, WHO_AM_I, BY_HAND])
        .tuning("Raise `namespaces` or `checks`, or shorten `window`. Add accounts of consoles to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access")
}

fn anonymous_probe() -> FindingType {
    FindingType::new(ANONYMOUS_PROBE, TARGETED)
        .title("Unauthenticated API probing")
        .description(
            "An address was denied many different requests without a valid credential, as in a search for \
             endpoints that are open to everybody. None of these requests succeeded; a request that does is \
             a finding of its own.",
        )
        .technique("T1595")
        .technique("T1613")
        .attribute("tactic", "TA0043")
        .remediation(
            "Find out whether the address is one of yours. Restrict the networks that can reach the API \
             server (authorized networks, a private endpoint).",
        )
        .false_positives(
            "Internet scanners, if the API server has a public address; vulnerability scanners of your own; \
             programs whose token has expired.",
        )
        .severity_rules([WEB_PATHS, INVALID_CREDENTIAL])
        .tuning("Raise `anonymous-paths`, or shorten `window`.")
        .aggregated_by("source address")
        .reference("https://attack.mitre.org/techniques/T1595/")
}

fn enumeration() -> FindingType {
    FindingType::new(ENUMERATION, MEDIUM)
        .title("An account enumerated kinds of objects")
        .description(
            "The account was denied access to one kind of object after another, or listed many kinds across \
             all namespaces. An attacker with a stolen credential tries in this way what it can read.",
        )
        .technique("T1613")
        .technique("T1087")
        .remediation(REVOKE)
        .false_positives(
            "Programs that were installed without the roles that they need. Caches of controllers are \
             recognized by the resource version in their requests, and are Low. `kubectl get all` by a \
             person does not count.",
        )
        .severity_rules([CACHE, LISTED, LISTED_BY_CLIENT])
        .tuning("Raise `kinds`, or shorten `window`. Add accounts of auditors and inventories to `trusted-users`.")
        .aggregated_by("actor and source address")
        .reference("https://attack.mitre.org/techniques/T1613/")
}

fn attack_tool() -> FindingType {
    FindingType::new(ATTACK_TOOL, MEDIUM)
        .title("An attack tool or scanner was used")
        .description(
            "The user agent names a tool that is made to attack or to scan clusters. Attackers often leave \
             the default user agent of their tools unchanged.",
        )
        .technique("T1595")
        .technique("T1613")
        .attribute("tactic", "TA0043")
        .remediation(
            "Ask whether a penetration test or a scan is in progress. If not, revoke the credential and \
             review the other requests from the address.",
        )
        .false_positives("Scanners that teams run themselves, such as Trivy and Kubescape. They are Low.")
        .severity_rules([SCANNER, ATTEMPTED])
        .tuning("Add the service accounts of scanners to `trusted-users`.")
        .aggregated_by("actor (the source address without a credential) and tool")
        .reference("https://attack.mitre.org/software/")
}

fn sensitive_endpoint() -> FindingType {
    FindingType::new(SENSITIVE_ENDPOINT, MEDIUM)
        .title("A debugging endpoint of the API server was read")
        .description(
            "Profiles expose parts of the API server's memory, `/logs` the log files of its node, and the \
             other endpoints its configuration. Programs seldom need them, and an attacker learns from them \
             how the cluster is built.",
        )
        .technique("T1613")
        .technique("T1082")
        .remediation(
            "Ask the owner of the account. Remove the non-resource URLs from its role, and set \
             `--profiling=false` on the API server.",
        )
        .false_positives(
            "Administrators who debug, and continuous profilers. Service accounts that read `/metrics` are \
             not reported.",
        )
        .severity_rules([NOT_SERVICE_ACCOUNT, ATTEMPTED, METRICS])
        .tuning("Add accounts of profilers to `trusted-users`.")
        .aggregated_by("actor and first part of the path")
        .reference("https://www.cisecurity.org/benchmark/kubernetes")
}

fn log_harvest() -> FindingType {
    FindingType::new(LOG_HARVEST, MEDIUM)
        .title("The logs of many pods were read")
        .description(
            "One account read the logs of many pods in a short time. Logs contain tokens, addresses, and \
             personal data.",
        )
        .technique("T1005")
        .technique("T1552")
        .remediation(REVOKE)
        .false_positives(
            "Log shippers that read through the API, and `stern`: both follow logs, and are Low. People who \
             run `kubectl cluster-info dump` or loops are Low too.",
        )
        .severity_rules([ORDINARY_LOGS])
        .tuning(
            "Raise `pods`, or `log-namespaces` for logs that are not followed, or shorten `window`. Add \
             accounts of log shippers to `trusted-users`.",
        )
        .aggregated_by("actor, and whether logs were followed")
        .reference("https://attack.mitre.org/techniques/T1005/")
}
