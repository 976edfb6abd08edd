//! Containers that are added to an existing workload.
//!
//! Service meshes inject containers into pods, by admission, and the deployer of a workload may
//! add one. Any other user who adds one places a program beside a trusted one, with its network,
//! volumes, and service account.

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::{raw, text};

use crate::container::PlacedContainer;
use crate::deployer::Deployer;
use crate::request::WorkloadRequest;
use crate::settings::Tuning;

const SIDECAR: &str = "Persistence:Kubernetes/SidecarInjected";

const SUSPICIOUS: SeverityRule =
    SeverityRule::new(6.0, "a command or image is typical of attackers");
const AFTER_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person added it to a workload that a service account deploys",
);
const BY_HAND: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person added it by hand to a workload without a known deployer",
);
const OTHER_USER: SeverityRule =
    SeverityRule::new(LOW, "another user deployed the workload before");
const UNKNOWN: SeverityRule = SeverityRule::new(
    LOW,
    "a person applied a manifest of a workload without a known deployer, or a service account \
     appended the container to a workload of which nothing is known",
);
const UNCERTAIN: SeverityRule = SeverityRule::at_most(
    LOW,
    "the log has no response bodies, and the request names other containers too",
);

/// Returns whether a container was added.
pub fn judge(
    request: &WorkloadRequest<'_>,
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
    let old = request.containers_before();
    let added: Vec<&PlacedContainer<'_>> = request
        .containers
        .iter()
        .filter(|one| !one.container.image().is_empty() && !old.contains_key(one.container.name()))
        .collect();
    if added.is_empty() {
        return Ok(false);
    }
    let severity = match Deployer::from_request(request) {
        _ if is_suspicious => SUSPICIOUS.severity,
        Deployer::PersonAfterServiceAccount => AFTER_SERVICE_ACCOUNT.severity,
        Deployer::UnknownByHand => BY_HAND.severity,
        Deployer::Other => OTHER_USER.severity,
        Deployer::Unknown if !request.is_automated() || before.is_none() => UNKNOWN.severity,
        Deployer::Same | Deployer::Unknown => return Ok(true),
    };
    if severity < 3.5 && !tuning.is_news(event, SIDECAR, event.namespace(), severity)? {
        return Ok(true);
    }
    // Without response bodies in the log, the known state may only be what single patches named.
    let is_certain =
        event.level() == Level::RequestResponse || added.len() == request.containers.len();
    let severity = match is_certain || is_suspicious {
        true => severity,
        false => UNCERTAIN.apply(severity),
    };
    let names: Vec<&str> = added.iter().map(|one| one.container.name()).collect();
    let title = format!(
        "Container {} was added to {} by {}",
        names.join(", "),
        request.target(),
        event.user().username()
    );
    let fields = added.iter().flat_map(|one| {
        let words = one.container.command().chain(one.container.arguments());
        let line = words.collect::<Vec<_>>().join(" ");
        let command = (!line.is_empty()).then(|| (format!("{}.command", one.path), line));
        let image = one.container.image().to_owned();
        [(format!("{}.image", one.path), image)]
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

/// Whether a request is a JSON patch that appends to a list of containers (RFC 6902, section 4.1).
/// The container is then new, even if the previous state is unknown.
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
    FindingType::new(SIDECAR, MEDIUM)
        .title("A container was added to a workload by an unexpected user")
        .description(
            "A user other than the usual deployer, or a person by hand, added a container to an \
             existing workload. Such a container sees the traffic and volumes of a trusted one \
             and acts with its service account and under its name.",
        )
        .technique("T1610")
        .technique("T1525")
        .remediation(
            "Ask the user whether this was intended. If not, roll the workload back (`kubectl \
             rollout undo`), revoke the user's credentials, and rotate the secrets that the pods \
             had.",
        )
        .false_positives(
            "Developers who try out a container by hand, and teams that move a workload from one \
             deployer to another.",
        )
        .severity_rules([SUSPICIOUS, AFTER_SERVICE_ACCOUNT, BY_HAND, OTHER_USER, UNKNOWN, UNCERTAIN])
        .tuning("Add users to `trusted-users` or images to `trusted-images`.")
        .aggregated_by("actor, namespace, resource, and name")
        .reference("https://microsoft.github.io/Threat-Matrix-for-Kubernetes/techniques/Sidecar%20Injection/")
        .reference("https://attack.mitre.org/techniques/T1610/")
}
