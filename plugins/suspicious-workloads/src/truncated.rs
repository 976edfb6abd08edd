//! Workloads of people that are too large for the audit log.
//!
//! The API server omits the bodies of events that are larger than
//! `--audit-log-truncate-max-event-size`, 100 KiB by default, and marks them with an annotation.
//! Manifests that people write are far smaller, but a padded one reaches the limit, and no rule
//! sees its content.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;

use crate::request::WorkloadRequest;
use crate::settings::Tuning;

const TRUNCATED: &str = "DefenseEvasion:Kubernetes/AuditTruncated";

const ANNOTATION: &str = "audit.k8s.io/truncated";

pub fn judge(
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    if request.change.is_some()
        || request.is_automated()
        || !event.truncated()
        || !tuning.is_news(event, TRUNCATED, event.namespace(), LOW)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(TRUNCATED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::RequestUri)
            .evidence(event, format!("annotations[{ANNOTATION}]"), "true")
            .dedup_key(format!("{}/{}", event.user().username(), event.namespace()))
            .title(format!(
                "Oversized workload {} {}",
                request.target(),
                request.action()
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(TRUNCATED, LOW)
        .title("A workload was too large for the audit log")
        .description(
            "The API server omitted the body of a person's request because it was too large. An \
             attacker who pads an object with annotations or environment variables hides its \
             content from the log.",
        )
        .technique("T1562.008")
        .technique("T1027")
        .remediation(
            "Examine the object itself (`kubectl get -o yaml`) for privileges, commands, and \
             padding. Raise the API server's `--audit-log-truncate-max-event-size`.",
        )
        .false_positives(
            "Manifests with whole files in annotations or variables. Each user is reported once \
             per namespace within `remember`. Service accounts, which apply generated objects, \
             are not reported.",
        )
        .tuning("Add users to `trusted-users` or namespaces to `trusted-namespaces`.")
        .aggregated_by("actor and namespace")
        .reference(
            "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
        )
}
