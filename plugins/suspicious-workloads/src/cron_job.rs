//! CronJobs, which start pods repeatedly (<https://attack.mitre.org/techniques/T1053/007/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::container::PlacedContainer;
use crate::deployer::Deployer;
use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::Tuning;

const CRON_JOB: &str = "Persistence:Kubernetes/CronJob";

const SUSPICIOUS: SeverityRule =
    SeverityRule::new(6.0, "a command or image is typical of attackers");
const SYSTEM: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person created it in a namespace that holds cluster components",
);
const CHANGED: SeverityRule = SeverityRule::new(
    LOW,
    "a user other than the last known deployer changed its program",
);
/// The severity of an unremarkable new CronJob.
const NEW: f64 = 2.0;

/// Returns whether the finding was raised, or was not raised again within `remember`.
pub fn judge(
    request: &WorkloadRequest<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    if request.resource != "cronjobs" {
        return Ok(false);
    }
    let event = request.event;
    let changed = changed(request);
    let is_creation = request.is_creation();
    if !is_creation && (changed.is_empty() || Deployer::from_request(request) == Deployer::Same) {
        return Ok(false);
    }
    let is_person = !request.is_automated();
    let severity = if is_suspicious {
        SUSPICIOUS.severity
    } else if is_person && is_creation && is_sensitive(event.namespace()) {
        SYSTEM.severity
    } else if is_creation {
        NEW
    } else {
        CHANGED.severity
    };
    if severity < 3.5 && !tuning.is_news(event, CRON_JOB, event.namespace(), severity)? {
        return Ok(true);
    }
    let schedule = request.workload().map(|workload| workload.schedule());
    let mut finding = Finding::new(CRON_JOB)
        .on(event)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    if let Some(schedule) = schedule.filter(|schedule| !schedule.is_empty()) {
        finding = finding.evidence(event, "requestObject.spec.schedule", schedule);
    }
    for one in changed {
        let words = one.container.command().chain(one.container.arguments());
        let line = words.collect::<Vec<_>>().join(" ");
        finding = finding.evidence(event, format!("{}.image", one.path), one.container.image());
        if !line.is_empty() {
            finding = finding.evidence(event, format!("{}.command", one.path), line);
        }
    }
    findings.raise(
        finding
            .severity(request.severity(severity))
            .dedup_key(request.key())
            .title(format!(
                "CronJob {}/{} {}",
                event.namespace(),
                event.name(),
                request.action()
            )),
    );
    Ok(true)
}

/// Returns the containers that run another program than before.
fn changed<'r, 'a>(request: &'r WorkloadRequest<'a>) -> Vec<&'r PlacedContainer<'a>> {
    let before = request.containers_before();
    request
        .containers
        .iter()
        .filter(|one| {
            let old = before.get(one.container.name());
            // A patch contains only changes.
            let now = one.container;
            old.is_none_or(|old| {
                let image = now.image();
                (!now.command().is_empty() && !now.command().eq(old.command()))
                    || (!now.arguments().is_empty() && !now.arguments().eq(old.arguments()))
                    || (!image.is_empty() && repository(image) != repository(old.image()))
            })
        })
        .filter(|_| request.is_creation() || request.before().is_some())
        .collect()
}

pub fn finding_type() -> FindingType {
    FindingType::new(CRON_JOB, NEW)
        .title("A CronJob was created or changed to run another program")
        .description(
            "A CronJob starts pods on a schedule for as long as it exists. Attackers use one to \
             return after their pods are deleted and passwords are changed.",
        )
        .technique("T1053.007")
        .remediation(
            "Ask the user whether this was intended. If not, delete the CronJob and its Jobs, \
             revoke the user's credentials, and examine what its pods did.",
        )
        .false_positives(
            "New releases of software with CronJobs (Low, reported once per user and namespace \
             within `remember`), and administrators who set up backups in kube-system.",
        )
        .severity_rules([SUSPICIOUS, SYSTEM, CHANGED, MAY_BE_OLD])
        .tuning(
            "Add the installer of your platform to `trusted-users`, and its images to \
             `trusted-images`.",
        )
        .aggregated_by("actor, namespace, and name")
        .reference("https://attack.mitre.org/techniques/T1053/007/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Kubernetes%20CronJob/")
}
