//! Finding types about redirected traffic and abused ingress controllers.

use wardline_sdk::FindingType;
use wardline_sdk::rules::severity::{HIGH, LOW, MEDIUM, SeverityRule};

use super::{
    ENDPOINTS_HIJACKED, HARDENING_DISABLED, HOST_TAKEOVER, INGRESS_SNIPPET, SELECTOR_CHANGED,
};

// The rules of `INGRESS_SNIPPET`.
pub const INJECTED: SeverityRule = SeverityRule::new(
    HIGH,
    "a value or path ends its directive (line breaks, semicolons, quotes, braces)",
);
pub const DRY_RUN: SeverityRule = SeverityRule::new(
    HIGH,
    "such a request was a dry run, since the controller's webhook has tested it",
);
pub const CODE: SeverityRule =
    SeverityRule::new(7.0, "a snippet has directives that run code or read files");
pub const REJECTED: SeverityRule = SeverityRule::new(
    6.0,
    "a request whose value or path ends its directive was denied or failed, since the webhook may \
     have tested it",
);
pub const OTHER_SNIPPETS: SeverityRule =
    SeverityRule::new(LOW, "the ingress has only other snippets");

// The rules of `HARDENING_DISABLED`.
pub const ROUTINE_HARDENING: SeverityRule = SeverityRule::new(
    LOW,
    "a service account did it (GitOps), or the ConfigMap was created with the value",
);

// The rules of `HOST_TAKEOVER`.
pub const CLAIMED_BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(LOW, "a service account did it");

// The rules of `ENDPOINTS_HIJACKED`.
pub const MANAGED: SeverityRule =
    SeverityRule::new(6.0, "a controller manages the endpoints of this service");
pub const MANAGED_UNSEEN: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the audit policy recorded only metadata, and a controller manages the endpoints",
);
pub const UNMANAGED_UNSEEN: SeverityRule = SeverityRule::new(
    LOW,
    "the audit policy recorded only metadata, and no controller manages the endpoints",
);
pub const NEW_PRIVATE: SeverityRule = SeverityRule::new(
    LOW,
    "the endpoints are new and private, and no controller manages them",
);
pub const ENDPOINTS_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account wrote them, and no controller manages them",
);

// The rules of `SELECTOR_CHANGED`.
pub const OUTSIDE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person set a name outside the cluster (`externalName`)",
);

/// Returns the types of this module.
pub fn all() -> [FindingType; 5] {
    [
        ingress_snippet(),
        hardening_disabled(),
        host_takeover(),
        endpoints_hijacked(),
        selector_changed(),
    ]
}

fn ingress_snippet() -> FindingType {
    FindingType::new(INGRESS_SNIPPET, HIGH)
        .title("An ingress injected configuration into its controller")
        .description(
            "Annotations or paths of an ingress become configuration of NGINX. Code in them runs in the \
             controller, whose service account reads the secrets of all namespaces.",
        )
        .technique("T1190")
        .technique("T1059")
        .remediation(
            "Delete the annotation. Review the controller's log and the requests of its service account since \
             then, and rotate the secrets that it can read. Update ingress-nginx (1.11.5, 1.12.1, or later), \
             set `allow-snippet-annotations: \"false\"` and `annotations-risk-level: High`, and let only the \
             API server reach its webhook.",
        )
        .false_positives("Snippets that set headers or redirects. They are Low.")
        .severity_rules([INJECTED, DRY_RUN, CODE, REJECTED, OTHER_SNIPPETS])
        .tuning("Add users that maintain snippets to `trusted-users`.")
        .aggregated_by("namespace and name")
        .reference("CVE-2025-1974")
        .reference("CVE-2025-24514")
        .reference("CVE-2025-1097")
        .reference("CVE-2025-1098")
        .reference("CVE-2021-25742")
        .reference("https://kubernetes.io/blog/2025/03/24/ingress-nginx-cve-2025-1974/")
}

fn hardening_disabled() -> FindingType {
    FindingType::new(HARDENING_DISABLED, MEDIUM)
        .title("Code was allowed in annotations of ingresses")
        .description(
            "The configuration of ingress-nginx now lets everyone who may write an ingress add directives to \
             the controller's configuration. The controller's service account reads the secrets of all \
             namespaces.",
        )
        .technique("T1562.001")
        .technique("T1190")
        .remediation(
            "Restore `allow-snippet-annotations: \"false\"` and `annotations-risk-level: High`, and look for \
             ingresses with snippets that were created since.",
        )
        .false_positives("Administrators whose applications need snippets, reported once for each value.")
        .severity_rules([ROUTINE_HARDENING])
        .tuning("Add users that configure ingress controllers to `trusted-users`.")
        .aggregated_by("namespace and name")
        .reference("CVE-2021-25742")
        .reference("https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#allow-snippet-annotations")
        .reference("https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/")
}

fn host_takeover() -> FindingType {
    FindingType::new(HOST_TAKEOVER, MEDIUM)
        .title("An ingress claimed a host of another namespace")
        .description(
            "Two namespaces serve the same host and path, or one serves the login (`/login`, `/auth`) of the \
             other's site. The controller decides which of them users reach, so passwords and cookies may go \
             to the wrong one.",
        )
        .technique("T1557")
        .technique("T1584")
        .remediation(
            "Delete the ingress in the namespace that does not own the host. Bind hosts to namespaces with a \
             policy (Kyverno, Gatekeeper, ValidatingAdmissionPolicy).",
        )
        .false_positives(
            "An application that moved to another namespace before its old ingress was deleted.",
        )
        .severity_rules([CLAIMED_BY_SERVICE_ACCOUNT])
        .tuning("Add users that move applications between namespaces to `trusted-users`.")
        .aggregated_by("namespace, host, and path")
        .reference("https://kubernetes.io/docs/concepts/services-networking/ingress/")
}

fn endpoints_hijacked() -> FindingType {
    FindingType::new(ENDPOINTS_HIJACKED, MEDIUM)
        .title("Service endpoints were written outside their controller")
        .description(
            "Endpoints send a service's traffic to any address. An attacker who writes them reaches even pods \
             that network policies isolate, since the traffic comes from the ingress controller or load \
             balancer (CVE-2021-25740).",
        )
        .technique("T1557")
        .technique("T1210")
        .remediation(
            "Delete the EndpointSlice or Endpoints; their controller recreates them. Remove `endpoints` and \
             `endpointslices` from roles (the role `edit` no longer has them since v1.22).",
        )
        .false_positives(
            "Services without a selector, whose endpoints people write on purpose. Leader elections in \
             Endpoints (Patroni, old client-go) are not reported.",
        )
        .severity_rules([MANAGED, MANAGED_UNSEEN, UNMANAGED_UNSEEN, NEW_PRIVATE, ENDPOINTS_BY_SERVICE_ACCOUNT])
        .tuning("Add users that maintain endpoints to `trusted-users`.")
        .aggregated_by("actor, namespace, and service; actor for service accounts that write their own")
        .reference("CVE-2021-25740")
}

fn selector_changed() -> FindingType {
    FindingType::new(SELECTOR_CHANGED, LOW)
        .title("A service was redirected to other pods or another host")
        .description(
            "The service now leads to other pods, or to a host outside the cluster. An attacker who changes \
             its target receives the requests of its clients.",
        )
        .technique("T1557")
        .remediation("Ask the user whether this was intended. If not, restore the selector from its source.")
        .false_positives(
            "Manual blue-green deployments. Service accounts that change selectors are not reported.",
        )
        .severity_rules([OUTSIDE])
        .tuning("Add users that switch services to `trusted-users`.")
        .aggregated_by("namespace and name")
        .reference("https://attack.mitre.org/techniques/T1557/")
}
