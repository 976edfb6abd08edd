//! Traffic that goes elsewhere, and the ingress controller that is turned against its
//! cluster.

use wardline_sdk::FindingType;

use super::{
    ENDPOINTS_HIJACKED, HARDENING_DISABLED, HOST_TAKEOVER, INGRESS_SNIPPET, SELECTOR_CHANGED,
};

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
    FindingType::new(INGRESS_SNIPPET, 8.0)
        .title("An ingress puts configuration into its controller")
        .description(
            "Annotations or paths become configuration of NGINX. Code in it runs in the controller, whose \
             account reads the secrets of all namespaces.",
        )
        .technique("T1190")
        .technique("T1059")
        .remediation(
            "Delete the annotation, look in the controller's log and at the requests of its service account \
             since then, and rotate the secrets that it can read. Update ingress-nginx (1.11.5, 1.12.1 or \
             later), set `allow-snippet-annotations: \"false\"` and `annotations-risk-level: High`, and let \
             only the API server reach its webhook.",
        )
        .false_positives("Snippets that set headers or redirects are Low.")
        .severity_rule("8.0 if a value or path ends its directive (line breaks, semicolons, quotes, braces)")
        .severity_rule("8.0 for such a dry run too, 6.0 if it was refused: the controller's webhook has tested it by then")
        .severity_rule("7.0 if a snippet has directives that run code or read files")
        .severity_rule("3.0 for every other snippet")
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name")
        .reference("CVE-2025-1974")
        .reference("CVE-2025-24514")
        .reference("CVE-2025-1097")
        .reference("CVE-2025-1098")
        .reference("CVE-2021-25742")
        .reference("https://kubernetes.io/blog/2025/03/24/ingress-nginx-cve-2025-1974/")
}

fn hardening_disabled() -> FindingType {
    FindingType::new(HARDENING_DISABLED, 5.0)
        .title("An ingress controller lets annotations be code")
        .description(
            "The configuration of ingress-nginx now lets everybody who may write an ingress put directives \
             into the controller's own, whose account reads the secrets of all namespaces.",
        )
        .technique("T1562.001")
        .technique("T1190")
        .remediation(
            "Set `allow-snippet-annotations: \"false\"` and `annotations-risk-level: High` again, and \
             look for ingresses with snippets that were made since.",
        )
        .false_positives("Administrators whose applications need snippets: once for each value.")
        .severity_rule("3.0 if a service account did it (GitOps), or the ConfigMap was made with it")
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name")
        .reference("CVE-2021-25742")
        .reference("https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#allow-snippet-annotations")
        .reference("https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/")
}

fn host_takeover() -> FindingType {
    FindingType::new(HOST_TAKEOVER, 5.0)
        .title("An ingress claims a host that another namespace serves")
        .description(
            "Two namespaces serve the same host and path, or one the login (`/login`, `/auth`) of the \
             other's site. Which of them users reach, the controller decides: passwords and cookies may go \
             to the wrong one.",
        )
        .technique("T1557")
        .technique("T1584")
        .remediation(
            "Delete the ingress of the namespace that the host does not belong to. Let a policy (Kyverno, \
             Gatekeeper, ValidatingAdmissionPolicy) tie hosts to namespaces.",
        )
        .false_positives("Moving an application from one namespace to another without deleting the old ingress first.")
        .severity_rule("3.0 if a service account did it")
        .tuning("`trusted-users`")
        .aggregated_by("namespace, host and path")
        .reference("https://kubernetes.io/docs/concepts/services-networking/ingress/")
}

fn endpoints_hijacked() -> FindingType {
    FindingType::new(ENDPOINTS_HIJACKED, 5.0)
        .title("Addresses behind a service were written by hand")
        .description(
            "Who writes endpoints sends a service's traffic to any address, also of pods that network \
             policies keep apart, since it comes from the ingress controller or load balancer \
             (CVE-2021-25740).",
        )
        .technique("T1557")
        .technique("T1210")
        .remediation(
            "Delete the EndpointSlice or Endpoints; their controller makes them again. Take `endpoints` and \
             `endpointslices` out of roles (they are no longer in `edit` since v1.22).",
        )
        .false_positives(
            "Services without a selector, whose endpoints people write on purpose. Leader elections in \
             Endpoints (Patroni, old client-go) are not found.",
        )
        .severity_rule("6.0 if a controller keeps the addresses of this service")
        .severity_rule("3.0 if they are new and private, or a service account wrote its own")
        .severity_rule("If the audit policy kept only metadata: 5.0 if a controller keeps them, 3.0 otherwise")
        .tuning("`trusted-users`")
        .aggregated_by("actor, namespace and service; a service account's own by actor")
        .reference("CVE-2021-25740")
}

fn selector_changed() -> FindingType {
    FindingType::new(SELECTOR_CHANGED, 3.0)
        .title("A service was pointed at something else")
        .description("Its clients now talk to other pods, or to a host outside the cluster.")
        .technique("T1557")
        .remediation("Ask the user whether this was intended, and restore the selector from its source if not.")
        .false_positives("Blue-green deployments by hand. Service accounts that change selectors are not found.")
        .severity_rule("5.0 if a person pointed it at a name outside the cluster (`externalName`)")
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name")
        .reference("https://attack.mitre.org/techniques/T1557/")
}
