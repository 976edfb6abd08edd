//! Offensive images, and images of registries that are not allowed.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;
use wardline_sdk::rules::command::is_offensive_image;
use wardline_sdk::rules::image::{registry, repository};
use wardline_sdk::rules::severity::MEDIUM;

use crate::container::PlacedContainer;
use crate::request::{MAY_BE_OLD, WorkloadRequest};
use crate::settings::{Tuning, begins_with};

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousImage";
const REGISTRY: &str = "Policy:Kubernetes/DisallowedRegistry";

/// Returns whether there was an offensive image.
pub fn judge(
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let before = request.containers_before();
    let is_new = |one: &&PlacedContainer<'_>| {
        let image = one.container.image();
        let old = before.get(one.container.name());
        !image.is_empty() && old.is_none_or(|old| repository(old.image()) != repository(image))
    };
    let offensive: Vec<&PlacedContainer<'_>> = request
        .containers
        .iter()
        .filter(is_new)
        .filter(|one| is_offensive_image(one.container.image()))
        .collect();
    let disallowed: Vec<&PlacedContainer<'_>> = request
        .containers
        .iter()
        .filter(is_new)
        .filter(|one| {
            !tuning.allowed_registries.is_empty() && !is_allowed(tuning, one.container.image())
        })
        .collect();
    raise(REGISTRY, &disallowed, request, tuning, findings)?;
    raise(SUSPICIOUS, &offensive, request, tuning, findings)?;
    Ok(!offensive.is_empty())
}

/// Whether a registry setting allows the image. Names without a registry mean Docker Hub, and
/// names of one segment its official images.
fn is_allowed(tuning: &Tuning, image: &str) -> bool {
    let whole = match registry(image) {
        "docker.io" if image.starts_with("docker.io/") => image.to_owned(),
        "docker.io" if image.contains('/') => format!("docker.io/{image}"),
        "docker.io" => format!("docker.io/library/{image}"),
        _ => image.to_owned(),
    };
    begins_with(&tuning.allowed_registries, &whole)
}

fn raise(
    finding_type: &str,
    containers: &[&PlacedContainer<'_>],
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(first) = containers.first() else {
        return Ok(());
    };
    let event = request.event;
    let member = format!(
        "{}/{}",
        request.place(),
        repository(first.container.image())
    );
    let severity = request.severity(MEDIUM);
    if request.is_repetitive() && !tuning.is_news(event, finding_type, &member, severity)? {
        return Ok(());
    }
    let images: Vec<&str> = containers.iter().map(|one| one.container.image()).collect();
    let fields = containers
        .iter()
        .map(|one| (format!("{}.image", one.path), one.container.image()));
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                request
                    .cite(finding)
                    .severity(severity)
                    .dedup_key(format!(
                        "{}/{}",
                        request.key(),
                        repository(first.container.image())
                    ))
                    .title(format!(
                        "Workload {} with {} image {} {}",
                        request.target(),
                        match finding_type {
                            REGISTRY => "disallowed",
                            _ => "offensive",
                        },
                        images.join(", "),
                        request.action()
                    ))
            }),
    );
    Ok(())
}

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, MEDIUM)
        .title("An offensive image was used in a workload")
        .description(
            "The image contains tools for attacks on containers and clusters, or for penetration \
             tests. An attacker uses it to move on from a first foothold.",
        )
        .technique("T1610")
        .technique("T1204.003")
        .remediation(
            "Ask whether a penetration test is in progress. If not, delete the workload, revoke \
             the credentials of the user who created it, and find out what it reached. Allow only \
             images of your own registries with an admission policy.",
        )
        .false_positives(
            "Penetration tests, and scanners such as kube-hunter that a security team runs.",
        )
        .severity_rules([MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning(
            "Add the image to `trusted-images`, or the namespace of such tests to \
             `trusted-namespaces`.",
        )
        .aggregated_by("actor, object, and image")
        .reference("https://attack.mitre.org/techniques/T1204/003/")
}

pub fn registry_type() -> FindingType {
    FindingType::new(REGISTRY, MEDIUM)
        .title("An image of a disallowed registry was used in a workload")
        .description(
            "The image matches no prefix in `allowed-registries`. Attackers run their own images \
             from registries that they control. Without the setting, nothing is reported.",
        )
        .attribute("tactic", "TA0002")
        .technique("T1610")
        .technique("T1204.003")
        .remediation(
            "Ask the user who created the workload where the image comes from. Copy images that \
             are needed to an allowed registry, and reject others with an admission policy.",
        )
        .false_positives("Registries that are missing in the setting.")
        .severity_rules([MAY_BE_OLD, UnseenOwner::COMPONENT])
        .tuning("Add the registry to `allowed-registries`.")
        .aggregated_by("actor, object, and image")
        .reference("https://kubernetes.io/docs/concepts/containers/images/")
}
