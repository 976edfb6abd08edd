//! Workloads that are scaled to zero.

use std::collections::BTreeSet;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::namespace::is_sensitive;
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::view::Level;
use wardline_sdk::{inventory, state};

use crate::types::{
    ONE_NAMESPACE, SCALED_UNSEEN, SERVICE_STOP, STOPPED, STOPPED_BY_SERVICE_ACCOUNT,
};
use crate::{MADE, is_robot, member};

/// Resources that set a number of replicas.
pub const RESOURCES: [&str; 8] = [
    "deployments",
    "deployments/scale",
    "statefulsets",
    "statefulsets/scale",
    "replicasets",
    "replicasets/scale",
    "replicationcontrollers",
    "replicationcontrollers/scale",
];

/// Counts a workload that is stopped, and raises a finding if there were many or if it runs in
/// one of the cluster's own namespaces.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    if event.level() == Level::Metadata {
        return judge_metadata(event, window, threshold.saturating_mul(2), findings);
    }
    let Some(field) = stopped(event) else {
        return Ok(());
    };
    if MADE.is_own(event)? {
        return Ok(());
    }
    let resource = event
        .object()
        .map(|object| object.resource())
        .unwrap_or_default();
    let workload = format!("{resource} {}/{}", event.namespace(), event.name());
    let robot = event.actor().service_account().filter(|_| is_robot(event));
    if let Some((own, _)) = robot {
        // Operators stop their own workloads, rollout controllers stop old ReplicaSets, and
        // downscalers stop the same workloads every night.
        let is_own = own == event.namespace() || resource == "replicasets";
        if is_own
            || !Told::by_actor(event, "stopped/known").is_news(
                &workload,
                STOPPED_BY_SERVICE_ACCOUNT,
                KNOWN,
            )?
        {
            return Ok(());
        }
    }
    let user = event.actor().username();
    if is_sensitive(event.namespace()) {
        findings.raise(
            Finding::new(SERVICE_STOP)
                .on(event)
                .field(&event, AuditField::Username)
                .field(&event, AuditField::RequestUri)
                .evidence(event, field, 0)
                .severity(if robot.is_some() {
                    STOPPED_BY_SERVICE_ACCOUNT
                } else {
                    STOPPED
                })
                .dedup_key(format!("{user} {workload}"))
                .title(format!("{workload} was scaled to zero by {user}")),
        );
        return Ok(());
    }
    let seen = state::actor(event)
        .key("stopped")
        .window(window, threshold.saturating_mul(4))
        .observe(&workload)?;
    if seen.distinct() < threshold {
        return Ok(());
    }
    let namespaces: BTreeSet<&str> = seen
        .members()
        .iter()
        .map(|member| member::parse(member).1)
        .collect();
    let severity = if robot.is_some() {
        STOPPED_BY_SERVICE_ACCOUNT.severity
    } else if namespaces.len() >= 2 {
        STOPPED.severity
    } else {
        ONE_NAMESPACE.severity
    };
    if !Told::by_actor(event, "stopped").is_news("", severity, window)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(SERVICE_STOP)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .evidence(event, field, 0)
            .evidence(event, "objectRef", seen.members().join(", "))
            .attribute("distinct", seen.distinct())
            .severity(severity)
            .dedup_key(user)
            .title(format!(
                "{} workloads in {} namespaces were scaled to zero by {user}",
                seen.distinct(),
                namespaces.len()
            )),
    );
    Ok(())
}

/// Counts workloads that a person scales if the audit policy omits the number of replicas.
/// People rarely scale up many at once.
fn judge_metadata(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_scale = event
        .object()
        .is_some_and(|object| object.subresource() == "scale");
    if !is_scale || is_robot(event) || MADE.is_own(event)? {
        return Ok(());
    }
    let scaled = state::actor(event)
        .key("scaled")
        .window(window, threshold.saturating_mul(4));
    let workload = format!(
        "{} {}/{}",
        event.resource(),
        event.namespace(),
        event.name()
    );
    let Some(seen) = scaled.burst(&workload, threshold)? else {
        return Ok(());
    };
    let user = event.actor().username();
    findings.raise(
        Finding::new(SERVICE_STOP)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .evidence(event, "level", "Metadata")
            .evidence(event, "objectRef", seen.members().join(", "))
            .attribute("distinct", seen.distinct())
            .severity(SCALED_UNSEEN)
            .dedup_key(user)
            .title(format!(
                "{} workloads were scaled to an unknown size by {user}",
                seen.distinct()
            )),
    );
    Ok(())
}

/// Returns the field that sets the replicas to zero, unless they were zero before.
fn stopped(event: AuditEvent<'_>) -> Option<&'static str> {
    match event.requested()?.facts() {
        Facts::Scale(0) => Some("requestObject.spec.replicas"),
        Facts::Workload(workload) if workload.replicas() == Some(0) => {
            let object = event.object()?;
            let before =
                inventory::pod_spec(event, object.resource(), object.namespace(), object.name())
                    .map(|spec| spec.workload().replicas());
            let was_stopped = match before {
                Some(replicas) => replicas == Some(0),
                // Programs send the whole object again and again.
                None => event.verb() == "update" && is_robot(event),
            };
            (!was_stopped).then_some("requestObject.spec.replicas")
        }
        _ => None,
    }
}
