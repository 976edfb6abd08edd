//! Workloads in namespaces that hold cluster components.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;

const SYSTEM: &str = "Persistence:Kubernetes/WorkloadInSystemNamespace";

const SUSPICIOUS: SeverityRule =
    SeverityRule::new(MEDIUM, "a command or image is typical of attackers");
const EMPTY_BY_DESIGN: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the namespace is kube-public or kube-node-lease, which hold no workloads",
);
const BY_SERVICE_ACCOUNT: SeverityRule =
    SeverityRule::new(2.0, "a service account of any other namespace created it");

pub fn judge(
    request: &WorkloadRequest<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    let namespace = event.namespace();
    if !request.is_creation() || !is_sensitive(namespace) {
        return Ok(());
    }
    // Cluster components create others: add-on managers, Kubernetes operators of a distribution.
    let is_own = match event.user().service_account() {
        Some((home, _)) => is_sensitive(home) && request.is_automated(),
        None => request.is_automated(),
    };
    let is_empty_by_design = matches!(namespace, "kube-public" | "kube-node-lease");
    if is_own && !is_empty_by_design && !is_suspicious {
        return Ok(());
    }
    let severity = if is_suspicious {
        SUSPICIOUS.severity
    } else if is_empty_by_design {
        EMPTY_BY_DESIGN.severity
    } else if request.is_automated() {
        BY_SERVICE_ACCOUNT.severity
    } else {
        LOW
    };
    if severity < 3.5 && !tuning.is_news(event, SYSTEM, namespace, severity)? {
        return Ok(());
    }
    let mut finding = Finding::new(SYSTEM)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Username);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.path), one.container.image());
    }
    findings.raise(
        finding
            .severity(request.severity(severity))
            .dedup_key(request.key())
            .title(format!(
                "Workload {} {}",
                request.target(),
                request.action()
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(SYSTEM, LOW)
        .title("A workload was created in a system namespace")
        .description(
            "Namespaces such as kube-system hold cluster components. Policies and quotas often \
             exempt them, and few people look at their content, so attackers hide workloads \
             there.",
        )
        .technique("T1610")
        .technique("T1036.005")
        .remediation(
            "Ask the user who created the workload whether this was intended. If not, delete it \
             and revoke the user's credentials. Install add-ons from one place (GitOps), and \
             remove the permission to create workloads in these namespaces from all other users.",
        )
        .false_positives(
            "Administrators and Helm, which install add-ons there (Low, reported once per user \
             and namespace within `remember`).",
        )
        .severity_rules([SUSPICIOUS, EMPTY_BY_DESIGN, BY_SERVICE_ACCOUNT, MAY_BE_OLD])
        .tuning("Add the installer of your platform to `trusted-users`.")
        .aggregated_by("actor, namespace, resource, and name")
        .reference("https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces")
        .reference("https://attack.mitre.org/techniques/T1610/")
}
