//! DaemonSets, which run on every node.

use wardline_sdk::prelude::*;

use crate::request::Request;
use crate::settings::Tuning;

const DAEMON_SET: &str = "Persistence:Kubernetes/DaemonSet";

/// Says whether the finding was raised, or would have been were it news.
pub fn judge(
    request: &Request<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let event = request.event;
    let is_new = request.resource == "daemonsets" && request.is_creation();
    // What robots deploy is judged by what it runs.
    if !is_new || (request.is_robot() && !is_suspicious) {
        return Ok(false);
    }
    if !is_suspicious && !tuning.is_news(event, DAEMON_SET, event.namespace())? {
        return Ok(true);
    }
    let mut finding = Finding::new(DAEMON_SET)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    for one in &request.containers {
        finding = finding.evidence(event, format!("{}.image", one.place), one.container.image());
    }
    findings.raise(
        finding
            .severity(request.severity(if is_suspicious { 6.0 } else { 3.0 }))
            .dedup_key(request.key())
            .title(format!(
                "{} the DaemonSet {}/{}, which runs on every node",
                request.who_did(),
                event.namespace(),
                event.name()
            )),
    );
    Ok(true)
}

pub fn finding_type() -> FindingType {
    FindingType::new(DAEMON_SET, 3.0)
        .title("A DaemonSet was created by a person")
        .description(
            "A DaemonSet has a pod on every node, on new ones too: a way to stay, and to have every \
             node's resources.",
        )
        .technique("T1543.005")
        .technique("T1610")
        .remediation(
            "Ask who made it whether this was intended. If not, delete it, revoke the credentials of who \
             made it, and look at what its pods did on each node.",
        )
        .false_positives(
            "Administrators who install agents: Low, and reported once in 30 days for each account and \
             namespace.",
        )
        .severity_rule("6.0 if its command, image or name is one that attackers use, also of a service account")
        .tuning("Set `trusted-users` for the installer of your platform, `trusted-images` for its agents.")
        .aggregated_by("actor, namespace and name")
        .reference("https://attack.mitre.org/techniques/T1543/005/")
        .reference("https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/")
}
