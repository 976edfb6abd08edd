//! Workloads in namespaces of the cluster's own parts.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;

use crate::request::Request;
use crate::settings::Tuning;

const SYSTEM: &str = "Persistence:Kubernetes/WorkloadInSystemNamespace";

pub fn judge(
    request: &Request<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    let namespace = event.namespace();
    if !request.is_creation() || !is_sensitive(namespace) {
        return Ok(());
    }
    // Parts of the cluster make more parts of it: addon managers, operators of a distribution.
    let is_own = match event.user().service_account() {
        Some((of, _)) => is_sensitive(of),
        None => request.is_robot(),
    };
    let is_empty_by_design = matches!(namespace, "kube-public" | "kube-node-lease");
    if is_own && !is_empty_by_design && !is_suspicious {
        return Ok(());
    }
    let severity = if is_suspicious || is_empty_by_design {
        5.0
    } else if request.is_robot() {
        2.0
    } else {
        3.0
    };
    if severity < 3.5 && !tuning.is_news(event, SYSTEM, namespace)? {
        return Ok(());
    }
    let mut finding = Finding::new(SYSTEM)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Username);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.place), one.container.image());
    }
    findings.raise(
        finding
            .severity(request.severity(severity))
            .dedup_key(request.key())
            .title(format!("{} {}", request.who_did(), request.target())),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(SYSTEM, 3.0)
        .title("A workload was created in a namespace of the cluster's own parts")
        .description(
            "Namespaces such as kube-system hold what runs the cluster. Policies and quotas often leave \
             them out, and few look at what is in them: a good place to hide.",
        )
        .technique("T1610")
        .technique("T1036.005")
        .remediation(
            "Ask who made the workload whether this was intended. If not, delete it and revoke the \
             credentials of who made it. Install addons from one place (GitOps), and take the right to \
             create workloads in these namespaces from everybody else.",
        )
        .false_positives(
            "Administrators and Helm install addons there: Low, and reported once in 30 days for each \
             account and namespace.",
        )
        .severity_rule("5.0 if a command or image is one that attackers use")
        .severity_rule("5.0 in kube-public and kube-node-lease, which hold no workloads")
        .severity_rule("2.0 if a service account of another namespace made it")
        .tuning("Set `trusted-users` for the installer of your platform.")
        .aggregated_by("actor, namespace, resource and name")
        .reference("https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces")
        .reference("https://attack.mitre.org/techniques/T1610/")
}
