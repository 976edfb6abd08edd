//! Workloads of people that are too large for the log.
//!
//! The API server leaves the bodies out of events that are larger than
//! `--audit-log-truncate-max-event-size`, 100 KiB by default, and says so by an annotation. No
//! workload that somebody has written comes near to that; one that was padded does, and no rule
//! sees what is in it.

use wardline_sdk::prelude::*;

use crate::request::Request;
use crate::settings::Tuning;

const TRUNCATED: &str = "DefenseEvasion:Kubernetes/AuditTruncated";

const ANNOTATION: &str = "audit.k8s.io/truncated";

pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    if request.change.is_some()
        || request.is_robot()
        || !event.truncated()
        || !tuning.is_news(event, TRUNCATED, event.namespace())?
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
                "{} {}, which is too large for the log",
                request.who_did(),
                request.target()
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(TRUNCATED, 3.0)
        .title("A workload of a person is too large for the audit log")
        .description(
            "The API server left out what the request carried, because it was too large. Whoever pads an \
             object with annotations or environment variables hides from the log what else is in it.",
        )
        .technique("T1562.008")
        .technique("T1027")
        .remediation(
            "Look at the object itself (`kubectl get -o yaml`) for privileges, commands and what it is padded \
             with. Raise the API server's `--audit-log-truncate-max-event-size`.",
        )
        .false_positives(
            "Manifests with whole files in annotations or variables: once in 30 days for each person and \
             namespace. Service accounts, which apply generated objects, are left out.",
        )
        .tuning("Set `trusted-users` or `trusted-namespaces`.")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/")
}
