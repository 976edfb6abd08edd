//! Workloads that request many pods or graphics processors at once.
//!
//! The thresholds are two settings, together with the increase over the previous state.

use wardline_sdk::contract::Level;
use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::severity::LOW;

use crate::request::WorkloadRequest;
use crate::settings::Tuning;

const HIJACK: &str = "Impact:Kubernetes/ResourceHijack";

/// The factor over the previous number of pods that is reported.
const FACTOR: i64 = 10;

pub fn judge(
    request: &WorkloadRequest<'_>,
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
    if let Some(pods) = pods.filter(|pods| is_sharp_increase(*pods, had, tuning.replicas)) {
        return raise(event, field, pods, "pods", tuning, findings);
    }
    let total_gpus = |workload: Workload<'_>, pods: Option<i64>| {
        gpus(workload).saturating_mul(pods.unwrap_or(1).max(1))
    };
    let requested = total_gpus(workload, pods.or(had));
    let had = before.map(|before| total_gpus(before, had));
    if requested >= tuning.gpus && had.is_none_or(|had| requested > had) {
        let field = "spec.containers[].resources";
        return raise(
            event,
            field,
            requested,
            "graphics processors",
            tuning,
            findings,
        );
    }
    Ok(())
}

/// Judges a request to the `scale` subresource, which contains only the number of pods.
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
    if !is_sharp_increase(pods, had, tuning.replicas) {
        return Ok(());
    }
    raise(event, "spec.replicas", pods, "pods", tuning, findings)
}

/// Whether the number of pods reaches the threshold and is far higher than before. If the previous
/// number is unknown, it must be far above the threshold: large services are large every time that
/// they are deployed.
fn is_sharp_increase(now: i64, before: Option<i64>, threshold: i64) -> bool {
    match before {
        Some(before) => now >= threshold && now >= before.max(1).saturating_mul(FACTOR),
        None => now >= threshold.saturating_mul(FACTOR),
    }
}

fn parallelism(event: AuditEvent<'_>, pointer: &str) -> Option<i64> {
    if event.level() == Level::Metadata {
        return None;
    }
    raw::json(event, pointer).ok()??.trim().parse().ok()
}

/// Returns the number of graphics processors of one pod.
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
    unit: &str,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let username = event.user().username();
    let target = format!("{}/{}", event.namespace(), event.name());
    if !tuning.is_news(event, HIJACK, &format!("{}/{unit}", event.namespace()), LOW)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(HIJACK)
            .on(event)
            .evidence(event, format!("requestObject.{field}"), count)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .dedup_key(format!("{username}/{}/{unit}", event.namespace()))
            .title(format!(
                "{count} {unit} were requested for {target} ({}) by {username}",
                event.resource()
            )),
    );
    Ok(())
}

pub fn finding_type() -> FindingType {
    FindingType::new(HIJACK, LOW)
        .title("Sharp increase in pods or GPUs of a workload")
        .description(
            "The workload requests many pods or graphics processors at once. An attacker with a \
             stolen account uses the cluster's resources, or exhausts them.",
        )
        .technique("T1496.001")
        .technique("T1499")
        .remediation(
            "Ask the user whether this was intended. If not, scale the workload back and revoke \
             the user's credentials. Set resource quotas for each namespace.",
        )
        .false_positives("Load tests, model training, and large batches.")
        .tuning(
            "Raise `replicas` and `gpus`, or add namespaces for batch work to \
             `trusted-namespaces`.",
        )
        .aggregated_by("actor, namespace, and pods or GPUs")
        .reference("https://attack.mitre.org/techniques/T1496/001/")
        .reference("https://kubernetes.io/docs/concepts/policy/resource-quotas/")
}

#[cfg(test)]
mod tests {
    use super::is_sharp_increase;

    #[test]
    fn increase_counts_above_the_threshold_and_factor() {
        assert!(is_sharp_increase(100, Some(3), 100));
        assert!(is_sharp_increase(100, Some(0), 100));
        assert!(!is_sharp_increase(99, Some(3), 100));
        assert!(!is_sharp_increase(300, Some(100), 100));
        assert!(!is_sharp_increase(200, None, 100));
        assert!(is_sharp_increase(1000, None, 100));
    }
}
