//! Containers that are added to a workload that is there already.
//!
//! Injectors of service meshes add theirs to pods, by admission. Who deploys a workload may
//! give it another container. Somebody else who does so puts a program beside one that is
//! trusted, with its network, its volumes and its service account.

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::{raw, text};

use crate::container::{Placed, named};
use crate::deployer::Deployer;
use crate::request::Request;
use crate::settings::Tuning;

const SIDECAR: &str = "Persistence:Kubernetes/SidecarInjected";

/// Says whether a container was added.
pub fn judge(
    request: &Request<'_>,
    is_suspicious: bool,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let event = request.event;
    if request.is_creation() || matches!(request.resource, "pods" | "jobs") {
        return Ok(false);
    }
    let before = request.before();
    if request.containers.is_empty() || (before.is_none() && !appends(event)) {
        return Ok(false);
    }
    let added: Vec<&Placed<'_>> = request
        .containers
        .iter()
        .filter(|one| {
            let was = before.and_then(|before| named(before, one.container.name()));
            !one.container.image().is_empty() && was.is_none()
        })
        .collect();
    if added.is_empty() {
        return Ok(false);
    }
    let severity: f64 = match Deployer::of(request) {
        _ if is_suspicious => 6.0,
        Deployer::PersonAfterRobot | Deployer::UnknownByHand => 5.0,
        Deployer::Other => 3.0,
        Deployer::Unknown if !request.is_robot() || before.is_none() => 3.0,
        Deployer::Same | Deployer::Unknown => return Ok(true),
    };
    if severity < 3.5 && !tuning.is_news(event, SIDECAR, event.namespace())? {
        return Ok(true);
    }
    // Without answers in the log, before may be no more than what single patches named.
    let is_sure =
        event.level() == Level::RequestResponse || added.len() == request.containers.len();
    let severity = match is_sure || is_suspicious {
        true => severity,
        false => severity.min(3.0),
    };
    let names: Vec<&str> = added.iter().map(|one| one.container.name()).collect();
    let title = format!(
        "{} added the container {} to {}",
        event.user().username(),
        names.join(", "),
        request.target()
    );
    let fields = added.iter().flat_map(|one| {
        let words = one.container.command().chain(one.container.arguments());
        let line = words.collect::<Vec<_>>().join(" ");
        let command = (!line.is_empty()).then(|| (format!("{}.command", one.place), line));
        let image = one.container.image().to_owned();
        [(format!("{}.image", one.place), image)]
            .into_iter()
            .chain(command)
    });
    findings.raise(
        Finding::new(SIDECAR)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                finding
                    .severity(severity)
                    .dedup_key(request.key())
                    .title(title)
            }),
    );
    Ok(true)
}

/// Whether a request is a JSON patch that appends to a list of containers (RFC 6902, section
/// 4.1): then what it names was not there, whatever the log has told.
fn appends(event: AuditEvent<'_>) -> bool {
    event.verb() == "patch"
        && event.level() != Level::Metadata
        && matches!(
            raw::json(event, "/requestObject"),
            Ok(Some(patch)) if patch.trim_start().starts_with('[')
                && ["/containers/-\"", "/initContainers/-\""]
                    .iter()
                    .any(|end| text::contains(&patch, end))
        )
}

pub fn finding_type() -> FindingType {
    FindingType::new(SIDECAR, 5.0)
        .title("A container was added to a workload by somebody who does not deploy it")
        .description(
            "A container beside a trusted one sees its traffic and its volumes and acts with its service \
             account, under its name. This one was added by another account than the one that deploys \
             the workload, or by hand.",
        )
        .technique("T1610")
        .technique("T1525")
        .remediation(
            "Ask who added it whether this was intended. If not, roll the workload back (`kubectl rollout \
             undo`), revoke the credentials, and rotate the secrets that the pods had.",
        )
        .false_positives(
            "Developers who try a container out by hand; teams that move a workload from one deployer to \
             another.",
        )
        .severity_rule("6.0 if its command or image is one that attackers use")
        .severity_rule("5.0 if a person added it to what a service account deploys, or by hand to what nobody is known to deploy")
        .severity_rule("at most 3.0 if the log has no answers, and the request names other containers too")
        .severity_rule("3.0 if another account deployed the workload before, a person applied a manifest, or a service account appends it to what nobody is known to deploy")
        .tuning("Set `trusted-users` or `trusted-images`.")
        .aggregated_by("actor, namespace, resource and name")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Sidecar%20Injection/")
        .reference("https://attack.mitre.org/techniques/T1610/")
}
