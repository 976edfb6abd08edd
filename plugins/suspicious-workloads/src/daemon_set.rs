//! DaemonSets, which run on every node.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;

use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;

const DAEMON_SET: &str = "Persistence:Kubernetes/DaemonSet";

const SUSPICIOUS: SeverityRule = SeverityRule::new(
    6.0,
    "a command or image is typical of attackers, or the name is a disguise",
);

/// Returns whether the finding was raised, or was not raised again within `remember`.
pub fn judge(
    request: &WorkloadRequest<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let event = request.event;
    let is_new = request.resource == "daemonsets" && request.is_creation();
    // DaemonSets of service accounts are judged by what they run.
    if !is_new || (request.is_automated() && !is_suspicious) {
        return Ok(false);
    }
    if !is_suspicious && !tuning.is_news(event, DAEMON_SET, event.namespace(), LOW)? {
        return Ok(true);
    }
    let mut finding = Finding::new(DAEMON_SET)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.path), one.container.image());
    }
    findings.raise(
        finding
            .severity(request.severity(if is_suspicious {
                SUSPICIOUS.severity
            } else {
                LOW
            }))
            .dedup_key(request.key())
            .title(format!(
                "DaemonSet {}/{} {}",
                event.namespace(),
                event.name(),
                request.action()
            )),
    );
    Ok(true)
}

pub fn finding_type() -> FindingType {
    FindingType::new(DAEMON_SET, LOW)
        .title("A DaemonSet was created")
        .description(
            "A person created a DaemonSet, or a service account created a suspicious one. A \
             DaemonSet runs a pod on every node, including new ones. Attackers use one to persist \
             and to use the resources of all nodes.",
        )
        .technique("T1543.005")
        .technique("T1610")
        .remediation(
            "Ask the user whether this was intended. If not, delete the DaemonSet, revoke the \
             user's credentials, and examine what its pods did on each node.",
        )
        .false_positives(
            "Administrators who install agents (Low, reported once per user and namespace within \
             `remember`).",
        )
        .severity_rules([SUSPICIOUS, MAY_BE_OLD])
        .tuning(
            "Add the installer of your platform to `trusted-users`, and its images to \
             `trusted-images`.",
        )
        .aggregated_by("actor, namespace, and name")
        .reference("https://attack.mitre.org/techniques/T1543/005/")
        .reference("https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/")
}
