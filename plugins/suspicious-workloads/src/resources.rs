//! Workloads that take much at once: pods, graphics processors.
//!
//! What is much in a cluster is its own; this holds against two fixed numbers, with the
//! leap from before.

use wardline_sdk::contract::Level;
use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::raw;

use crate::request::Request;
use crate::settings::Tuning;

const HIJACK: &str = "Impact:Kubernetes/ResourceHijack";

/// How many times what it was before is a leap.
const LEAP: i64 = 10;

pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    let Some(workload) = request.workload() else {
        return Ok(());
    };
    let before = request.before();
    let (field, pods) = match request.resource {
        "jobs" => (
            "spec.parallelism",
            parallelism(event, "/requestObject/spec/parallelism"),
        ),
        "cronjobs" => (
            "spec.jobTemplate.spec.parallelism",
            parallelism(event, "/requestObject/spec/jobTemplate/spec/parallelism"),
        ),
        _ => ("spec.replicas", workload.replicas()),
    };
    let had = before.and_then(|before| before.replicas());
    if let Some(pods) = pods.filter(|pods| is_leap(*pods, had, tuning.replicas)) {
        return raise(event, field, pods, "pods", tuning, findings);
    }
    let all = |workload: Workload<'_>, pods: Option<i64>| {
        gpus(workload).saturating_mul(pods.unwrap_or(1).max(1))
    };
    let wanted = all(workload, pods.or(had));
    let had = before.map(|before| all(before, had));
    if wanted >= tuning.gpus && had.is_none_or(|had| wanted > had) {
        let field = "spec.containers[].resources";
        return raise(
            event,
            field,
            wanted,
            "graphics processors",
            tuning,
            findings,
        );
    }
    Ok(())
}

/// A workload that is scaled: only the number is in the request.
pub fn judge_scale(
    event: AuditEvent<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Facts::Scale(pods) = event.facts() else {
        return Ok(());
    };
    let resource = event
        .object()
        .map(|object| object.resource())
        .unwrap_or_default();
    let had = inventory::pod_spec(event, resource, event.namespace(), event.name())
        .and_then(|spec| spec.workload().replicas());
    if !is_leap(pods, had, tuning.replicas) {
        return Ok(());
    }
    raise(event, "spec.replicas", pods, "pods", tuning, findings)
}

/// Many, and far more than before. Where nothing is known of before, only far more than
/// many counts: large services are large each time that they are deployed.
fn is_leap(now: i64, before: Option<i64>, many: i64) -> bool {
    match before {
        Some(before) => now >= many && now >= before.max(1).saturating_mul(LEAP),
        None => now >= many.saturating_mul(LEAP),
    }
}

fn parallelism(event: AuditEvent<'_>, pointer: &str) -> Option<i64> {
    if event.level() == Level::Metadata {
        return None;
    }
    raw::json(event, pointer).ok()??.trim().parse().ok()
}

/// The graphics processors of one pod.
fn gpus(workload: Workload<'_>) -> i64 {
    workload
        .containers()
        .map(|container| {
            let quantities = container.quantities();
            quantities
                .filter(|quantity| {
                    let key = quantity.key();
                    key.starts_with("limits.")
                        && (key.ends_with(".com/gpu") || key.contains("nvidia.com/mig-"))
                })
                .filter_map(|quantity| quantity.value().parse::<i64>().ok())
                .fold(0_i64, i64::saturating_add)
        })
        .fold(0_i64, i64::saturating_add)
}

fn raise(
    event: AuditEvent<'_>,
    field: &str,
    count: i64,
    what: &str,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let username = event.user().username();
    let target = format!("{}/{}", event.namespace(), event.name());
    if !tuning.is_news(event, HIJACK, &format!("{}/{what}", event.namespace()))? {
        return Ok(());
    }
    findings.raise(
        Finding::new(HIJACK)
            .on(event)
            .evidence(event, format!("requestObject.{field}"), count)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .dedup_key(format!("{username}/{}/{what}", event.namespace()))
            .title(format!(
                "{username} asked for {count} {what} for {target} ({})",
                event.resource()
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(HIJACK, 3.0)
        .title("A workload asks for far more than before")
        .description(
            "The workload asks for many pods or graphics processors at once. Who has taken over an \
             account uses what the cluster has, or lets it starve.",
        )
        .technique("T1496.001")
        .technique("T1499")
        .remediation(
            "Ask who asked for it whether this was intended. If not, scale the workload back and revoke the \
             credentials. Set quotas for each namespace.",
        )
        .false_positives("Load tests, training of models, large batches.")
        .tuning("`replicas` and `gpus` say what is much; set `trusted-namespaces` for batch work.")
        .aggregated_by("actor, namespace and what is asked for")
        .reference("https://attack.mitre.org/techniques/T1496/001/")
        .reference("https://kubernetes.io/docs/concepts/policy/resource-quotas/")
}

#[cfg(test)]
mod tests {
    use super::is_leap;

    #[test]
    fn a_leap_is_many_and_far_more() {
        assert!(is_leap(100, Some(3), 100));
        assert!(is_leap(100, Some(0), 100));
        assert!(!is_leap(99, Some(3), 100));
        assert!(!is_leap(300, Some(100), 100));
        assert!(!is_leap(200, None, 100));
        assert!(is_leap(1000, None, 100));
    }
}
