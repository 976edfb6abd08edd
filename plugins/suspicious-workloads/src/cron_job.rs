//! CronJobs, which start pods again and again (<https://attack.mitre.org/techniques/T1053/007/>).

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::namespace::is_sensitive;

use crate::container::{Placed, named};
use crate::deployer::Deployer;
use crate::request::Request;
use crate::settings::Tuning;

const CRON_JOB: &str = "Persistence:Kubernetes/CronJob";

/// Says whether the finding was raised, or would have been were it news.
pub fn judge(
    request: &Request<'_>,
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
    if !is_creation && (changed.is_empty() || Deployer::of(request) == Deployer::Same) {
        return Ok(false);
    }
    let is_person = !request.is_robot();
    let severity = if is_suspicious {
        6.0
    } else if is_person && is_creation && is_sensitive(event.namespace()) {
        5.0
    } else if is_creation {
        2.0
    } else {
        3.0
    };
    if severity < 3.5 && !tuning.is_news(event, CRON_JOB, event.namespace())? {
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
        finding = finding.evidence(event, format!("{}.image", one.place), one.container.image());
        if !line.is_empty() {
            finding = finding.evidence(event, format!("{}.command", one.place), line);
        }
    }
    findings.raise(
        finding
            .severity(request.severity(severity))
            .dedup_key(request.key())
            .title(format!(
                "{} the CronJob {}/{}",
                request.who_did(),
                event.namespace(),
                event.name()
            )),
    );
    Ok(true)
}

/// The containers that run something else than before.
fn changed<'r, 'a>(request: &'r Request<'a>) -> Vec<&'r Placed<'a>> {
    let before = request.before();
    request
        .containers
        .iter()
        .filter(|one| {
            let old = before.and_then(|before| named(before, one.container.name()));
            // A patch names what it changes.
            let now = one.container;
            old.is_none_or(|old| {
                let image = now.image();
                (!now.command().is_empty() && !now.command().eq(old.command()))
                    || (!now.arguments().is_empty() && !now.arguments().eq(old.arguments()))
                    || (!image.is_empty() && repository(image) != repository(old.image()))
            })
        })
        .filter(|_| request.is_creation() || before.is_some())
        .collect()
}

pub fn finding_type() -> FindingType {
    FindingType::new(CRON_JOB, 2.0)
        .title("A CronJob was created or runs something else")
        .description(
            "A CronJob starts pods by its schedule for as long as it is there, also when the pods that an \
             attacker had are gone and the password is changed.",
        )
        .technique("T1053.007")
        .remediation(
            "Ask who made it whether this was intended. If not, delete the CronJob and its Jobs, revoke \
             the credentials of who made it, and look at what its pods did.",
        )
        .false_positives(
            "New releases bring CronJobs: without anything that stands out they are Low and reported once \
             in 30 days for each account and namespace. Administrators who set up backups in kube-system.",
        )
        .severity_rule("6.0 if its command or image is one that attackers use")
        .severity_rule("5.0 if a person made it in a namespace of the cluster's own parts")
        .severity_rule("3.0 if it runs something else than before, by another account than before")
        .tuning("Set `trusted-users` for the installer of your platform, `trusted-images` for its jobs.")
        .aggregated_by("actor, namespace and name")
        .reference("https://attack.mitre.org/techniques/T1053/007/")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Kubernetes%20CronJob/")
}
