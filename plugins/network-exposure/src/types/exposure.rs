//! Finding types about exposed software, services, and ingresses.

use wardline_sdk::FindingType;
use wardline_sdk::rules::severity::{LOW, MEDIUM, SeverityRule};

use super::{DASHBOARD, EXTERNAL_IPS, GUARDDUTY, INGRESS_WITHOUT_TLS, KUBEFLOW, SERVICE_EXPOSED};
use crate::software::{CONSOLE, CONTROL, READ_ONLY};

const CLOSE: &str = "Make the service ClusterIP again (`kubectl patch service NAME -p \
    '{\"spec\":{\"type\":\"ClusterIP\"}}'`) or delete the ingress. Review the software's own log for \
    access in the meantime. Reach it with `kubectl port-forward`, or put an authenticating proxy in front \
    of it.";

// The rules of `DASHBOARD`, `KUBEFLOW`, and `SERVICE_EXPOSED`.
pub const LIMITED: SeverityRule = SeverityRule::new(
    LOW,
    "`loadBalancerSourceRanges` admits only named networks, an annotation asks for an internal load \
     balancer, or the ingress requires a login, restricts addresses, or is of an internal class",
);
pub const UNSEEN: SeverityRule = SeverityRule::new(
    2.0,
    "the audit policy recorded only metadata, so that it is unknown whether the changed service was \
     exposed",
);

// The rules of `SERVICE_EXPOSED`.
pub const CONTROL_PORT: SeverityRule = SeverityRule::new(
    6.0,
    "a port is that of etcd, Docker, the kubelet, or the Kubernetes API",
);
pub const DATA_PORT: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a port is that of a database, a queue, or remote access",
);
pub const EXPOSED_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account (GitOps, a Kubernetes operator) did it with its own program",
);
pub const WITH_TLS: SeverityRule = SeverityRule::new(LOW, "it is an ingress with TLS");
pub const ROUTE: SeverityRule = SeverityRule::new(LOW, "it is a route");
pub const ENTRANCE: SeverityRule = SeverityRule::new(
    1.0,
    "the service has none of these ports and no known software, and its name or labels are those of an \
     ingress controller or a gateway, whose image the audit log has not shown",
);
pub const ORDINARY: SeverityRule = SeverityRule::new(
    2.0,
    "the service has none of these ports and no known software",
);

// The rules of `EXTERNAL_IPS`.
pub const STATUS: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person wrote the address into the status, or a service account did so with kubectl, curl, or a \
     similar tool",
);
pub const ADDRESSES_BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account set `externalIPs` with its own program",
);

/// Returns the types of this module.
pub fn all() -> [FindingType; 5] {
    [
        console(
            DASHBOARD,
            MEDIUM,
            "The Kubernetes Dashboard was exposed",
            "A load balancer, node port, external address, ingress, or route now leads to the Kubernetes \
             Dashboard. Everyone who gets past its login has the rights of its service account.",
        )
        .severity_rules([LIMITED, UNSEEN])
        .reference(GUARDDUTY),
        console(
            KUBEFLOW,
            MEDIUM,
            "The Kubeflow dashboard was exposed",
            "A load balancer, node port, external address, ingress, or route now leads to Kubeflow, which \
             runs any container for everyone who gets past its login. Cryptominers scan for it.",
        )
        .severity_rules([LIMITED, UNSEEN])
        .reference(GUARDDUTY),
        service_exposed(),
        external_ips(),
        ingress_without_tls(),
    ]
}

fn console(name: &str, severity: f64, title: &str, description: &str) -> FindingType {
    FindingType::new(name, severity)
        .title(title)
        .description(description)
        .technique("T1133")
        .technique("T1190")
        .attribute("tactic", "TA0001")
        .remediation(CLOSE)
        .false_positives(
            "Consoles behind a proxy that requires a login and is not part of the object. Load balancers \
             that annotations make internal are Low. A re-apply is not reported.",
        )
        .tuning("Add users that expose services on purpose to `trusted-users`.")
        .aggregated_by("namespace and name")
}

fn service_exposed() -> FindingType {
    FindingType::new(SERVICE_EXPOSED, MEDIUM)
        .title("A service was exposed")
        .description(
            "The service can be reached from outside the cluster, through a load balancer, a port of every \
             node, an ingress, or a route. An attacker who reaches a console or an admin interface may run \
             code, control the cluster, or read credentials and data. Such interfaces and databases often \
             have a default password or none.",
        )
        .technique("T1133")
        .technique("T1190")
        .attribute("tactic", "TA0001")
        .remediation(
            "Ask the user whether the service is meant for everybody. Consoles, databases, and remote access \
             are not: make the service ClusterIP and reach it with `kubectl port-forward` or through a proxy \
             that requires a login, or set the cloud's annotation for an internal load balancer and \
             `loadBalancerSourceRanges`. Review its log for access in the meantime, and replace the \
             credentials that it holds.",
        )
        .false_positives(
            "Services that are meant for the internet, and consoles behind a proxy that requires a login and \
             is not part of the object. Services of ingress controllers and gateways are not reported if \
             the log has shown their images, and neither is a re-apply.",
        )
        .severity_rules([CONTROL_PORT, CONTROL, DATA_PORT, CONSOLE, READ_ONLY, EXPOSED_BY_SERVICE_ACCOUNT, WITH_TLS, ROUTE, LIMITED, ORDINARY, ENTRANCE])
        .tuning("Add users that expose services on purpose to `trusted-users`.")
        .aggregated_by("namespace and name; actor and namespace for services at 2.0")
        .reference("https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types")
        .reference("https://attack.mitre.org/techniques/T1133/")
}

fn external_ips() -> FindingType {
    FindingType::new(EXTERNAL_IPS, MEDIUM)
        .title("External addresses were assigned to a service")
        .description(
            "Nodes send traffic for these addresses to the service, no matter who owns them. An attacker \
             intercepts the traffic of other tenants in this way, and no patch exists (CVE-2020-8554).",
        )
        .technique("T1557")
        .attribute("tactic", "TA0006")
        .remediation(
            "Remove `externalIPs` (or the address in the status) from the service unless the addresses are \
             yours. Enable the admission plugin DenyServiceExternalIPs, and do not let anyone patch \
             `services/status`.",
        )
        .false_positives(
            "Clusters without a load balancer, whose administrators assign their nodes' addresses to services. \
             Load balancer controllers write a status with service accounts and programs of their own, which \
             is not reported.",
        )
        .severity_rules([STATUS, ADDRESSES_BY_SERVICE_ACCOUNT])
        .tuning("Add users that assign external addresses on purpose to `trusted-users`.")
        .aggregated_by("namespace and name")
        .reference("CVE-2020-8554")
}

fn ingress_without_tls() -> FindingType {
    FindingType::new(INGRESS_WITHOUT_TLS, 2.0)
        .title("An ingress without TLS was published")
        .description(
            "Everything that users send to this host, including passwords and cookies, can be read in \
             transit. An attacker on the network needs no other weakness.",
        )
        .technique("T1557")
        .technique("T1040")
        .attribute("tactic", "TA0006")
        .remediation("Add `spec.tls` with a certificate (for example from cert-manager), and redirect to HTTPS.")
        .false_positives(
            "Controllers with a certificate for all hosts, and proxies in front of them that terminate TLS. \
             ACME challenges, internal classes, and annotations for certificates are not reported.",
        )
        .tuning("Add users that publish ingresses without TLS on purpose to `trusted-users`.")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/concepts/services-networking/ingress/#tls")
}
