//! Images that are made for attacks, and registries that are not allowed.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::command::is_offensive_image;
use wardline_sdk::rules::image::{registry, repository};

use crate::container::{Placed, named};
use crate::request::Request;
use crate::settings::{Tuning, begins_with};

const SUSPICIOUS: &str = "Execution:Kubernetes/SuspiciousImage";
const REGISTRY: &str = "Policy:Kubernetes/DisallowedRegistry";

/// Says whether there was an image made for attacks.
pub fn judge(
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let new = |one: &&Placed<'_>| {
        let image = one.container.image();
        let before = request
            .before()
            .and_then(|before| named(before, one.container.name()));
        !image.is_empty() && before.is_none_or(|old| repository(old.image()) != repository(image))
    };
    let offensive: Vec<&Placed<'_>> = request
        .containers
        .iter()
        .filter(new)
        .filter(|one| is_offensive_image(one.container.image()))
        .collect();
    let disallowed: Vec<&Placed<'_>> = request
        .containers
        .iter()
        .filter(new)
        .filter(|one| {
            !tuning.allowed_registries.is_empty() && !is_allowed(tuning, one.container.image())
        })
        .collect();
    raise(REGISTRY, &disallowed, request, tuning, findings)?;
    raise(SUSPICIOUS, &offensive, request, tuning, findings)?;
    Ok(!offensive.is_empty())
}

/// Images without a registry are of Docker Hub, those of one part its official ones.
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
    of: &[&Placed<'_>],
    request: &Request<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(first) = of.first() else {
        return Ok(());
    };
    let event = request.event;
    let member = format!(
        "{}/{}",
        event.namespace(),
        repository(first.container.image())
    );
    if request.repeats() && !tuning.is_news(event, finding_type, &member)? {
        return Ok(());
    }
    let images: Vec<&str> = of.iter().map(|one| one.container.image()).collect();
    let fields = of
        .iter()
        .map(|one| (format!("{}.image", one.place), one.container.image()));
    findings.raise(
        Finding::new(finding_type)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                finding
                    .severity(request.severity(5.0))
                    .dedup_key(format!(
                        "{}/{}",
                        request.key(),
                        repository(first.container.image())
                    ))
                    .title(format!(
                        "{} {} of the image {}",
                        request.who_did(),
                        request.target(),
                        images.join(", ")
                    ))
            }),
    );
    Ok(())
}

pub fn suspicious_type() -> FindingType {
    FindingType::new(SUSPICIOUS, 5.0)
        .title("A workload uses an image that is made for attacks")
        .description(
            "The image holds tools for attacks on containers and clusters, or for tests of their \
             security. Whoever runs it looks for a way on.",
        )
        .technique("T1610")
        .technique("T1204.003")
        .remediation(
            "Ask whether a test of security is under way. If not, delete the workload, revoke the \
             credentials of who made it, and see what it reached. Allow only images of your own \
             registries, by an admission policy.",
        )
        .false_positives("Tests of security; scanners such as kube-hunter that a security team runs.")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("Set `trusted-images`, or `trusted-namespaces` for the namespace of such tests.")
        .aggregated_by("actor, object and image")
        .reference("https://attack.mitre.org/techniques/T1204/003/")
}

pub fn registry_type() -> FindingType {
    FindingType::new(REGISTRY, 5.0)
        .title("A workload uses an image of a registry that is not allowed")
        .description("The image begins with none of the setting `allowed-registries`.")
        .attribute("tactic", "TA0002")
        .technique("T1610")
        .technique("T1204.003")
        .remediation(
            "Ask who made the workload where the image comes from. Move what is needed into an allowed \
             registry, and refuse others by an admission policy.",
        )
        .false_positives("Registries that were forgotten in the setting.")
        .severity_rule("at most 3.0 if a service account sends the whole object, which may have been so before the log began")
        .tuning("`allowed-registries` says what is allowed; without it nothing is reported.")
        .aggregated_by("actor, object and image")
        .reference("https://kubernetes.io/docs/concepts/containers/images/")
}
