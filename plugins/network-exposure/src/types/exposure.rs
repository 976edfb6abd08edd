//! What can be reached that should not be.

use wardline_sdk::FindingType;

use super::{DASHBOARD, EXTERNAL_IPS, GUARDDUTY, INGRESS_WITHOUT_TLS, KUBEFLOW, SERVICE_EXPOSED};

const CLOSE: &str = "Make the service ClusterIP again (`kubectl patch service NAME -p \
    '{\"spec\":{\"type\":\"ClusterIP\"}}'`) or delete the ingress, and look in the software's own log for \
    who has been there. Reach it by `kubectl port-forward`, or put an authenticating proxy before it.";
const BLIND: &str =
    "2.0 if the audit policy kept only metadata: its service was changed, to what is not known";
const LIMITED: &str = "3.0 if `loadBalancerSourceRanges` lets in named networks only, or the ingress asks for a login or limits addresses";

pub fn all() -> [FindingType; 5] {
    [
        console(
            DASHBOARD,
            5.0,
            "The Kubernetes Dashboard was exposed",
            "A load balancer, node port, external address, ingress or route now leads to the Kubernetes \
             Dashboard. Whoever gets past its login has the rights of its account.",
        )
        .severity_rule(LIMITED)
        .severity_rule(BLIND)
        .reference(GUARDDUTY),
        console(
            KUBEFLOW,
            5.0,
            "Kubeflow's dashboard was exposed",
            "A load balancer, node port, external address, ingress or route now leads to Kubeflow, which \
             runs any container for whoever gets past its login: cryptominers look for it.",
        )
        .severity_rule(LIMITED)
        .severity_rule(BLIND)
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
            "Consoles behind a proxy that asks for a login and is not part of the object. Load balancers \
             that the cloud's annotations keep inside are not found, and neither is a re-apply.",
        )
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name")
}

fn service_exposed() -> FindingType {
    FindingType::new(SERVICE_EXPOSED, 5.0)
        .title("A service was exposed")
        .description(
            "The service can be reached from outside the cluster, by a load balancer, a port of every node, \
             an ingress or a route. Whoever reaches a console or an admin interface may run code, control \
             the cluster, or read credentials and what there is, often with a default password or none; \
             databases seldom ask for more.",
        )
        .technique("T1133")
        .technique("T1190")
        .attribute("tactic", "TA0001")
        .remediation(
            "Ask the user whether it is meant for everybody. Consoles, databases and remote access are not: \
             make the service ClusterIP and reach it by `kubectl port-forward` or through a proxy that asks \
             for a login, or set the cloud's annotation for an internal load balancer and \
             `loadBalancerSourceRanges`. Look in its log for who came in, and replace what credentials it holds.",
        )
        .false_positives(
            "Services that are meant for the internet; those of ingress controllers and gateways are not \
             found. Consoles behind a proxy that asks for a login and is not part of the object. A \
             re-apply is not found.",
        )
        .severity_rule(
            "6.0 if a port is that of etcd, Docker, the kubelet or the Kubernetes API, or it runs code or \
             controls machines: Jupyter, Airflow, Jenkins, Argo Workflows, Ray and others",
        )
        .severity_rule("5.0 if a port is that of a database, queue or remote access, or it is another console")
        .severity_rule("4.0 if it shows what there is: Grafana, Prometheus, Alertmanager, Kibana, Jaeger and others")
        .severity_rule(
            "3.0 if a service account (GitOps, an operator) did it, it is an ingress with TLS or a route, or \
             it is open to named networks only",
        )
        .severity_rule("2.0 for every other service")
        .severity_rule(LIMITED)
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name; actor and namespace for other services")
        .reference("https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types")
        .reference("https://attack.mitre.org/techniques/T1133/")
}

fn external_ips() -> FindingType {
    FindingType::new(EXTERNAL_IPS, 5.0)
        .title("A service answers for external addresses")
        .description(
            "Nodes send what is for these addresses to the service, whoever they belong to: a way to read \
             other tenants' traffic, for which there is no patch (CVE-2020-8554).",
        )
        .technique("T1557")
        .attribute("tactic", "TA0006")
        .remediation(
            "Take `externalIPs` (or the address in the status) out of the service unless the addresses are \
             yours. Switch on the admission plugin DenyServiceExternalIPs, and let nobody patch `services/status`.",
        )
        .false_positives("Clusters without a load balancer, whose administrators give services their nodes' addresses.")
        .severity_rule("3.0 if a service account set `externalIPs`")
        .severity_rule(
            "A status that a service account writes is not found: controllers of load balancers do. With \
             kubectl, curl or their like it is 5.0",
        )
        .tuning("`trusted-users`")
        .aggregated_by("namespace and name")
        .reference("CVE-2020-8554")
}

fn ingress_without_tls() -> FindingType {
    FindingType::new(INGRESS_WITHOUT_TLS, 2.0)
        .title("An ingress has no TLS")
        .description("What users send to this host, passwords and cookies too, can be read on its way.")
        .technique("T1557")
        .technique("T1040")
        .attribute("tactic", "TA0006")
        .remediation("Add `spec.tls` with a certificate (cert-manager gets one), and redirect to HTTPS.")
        .false_positives(
            "Controllers with a certificate for all hosts, and proxies before them. Answers to ACME \
             challenges, internal classes, and the clouds' annotations for certificates are not found.",
        )
        .tuning("`trusted-users`")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/concepts/services-networking/ingress/#tls")
}
