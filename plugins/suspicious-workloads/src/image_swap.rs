//! Images that are replaced in an existing workload.
//!
//! A release changes the tag. Another repository means another program.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::{base_name, registry, repository};
use wardline_sdk::rules::severity::{LOW, MEDIUM};

use crate::deployer::Deployer;
use crate::request::WorkloadRequest;
use crate::settings::Tuning;

const SWAPPED: &str = "Execution:Kubernetes/ImageSwapped";

const AFTER_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a person changed a workload that a service account deploys",
);
const MOVED: SeverityRule =
    SeverityRule::new(LOW, "only the registry or prefix of the image changed");
const OTHER_USER: SeverityRule =
    SeverityRule::new(LOW, "another user deployed the workload before");
const BY_HAND: SeverityRule = SeverityRule::new(
    LOW,
    "no deployer is known, and a person made the change by hand",
);

pub fn judge(
    request: &WorkloadRequest<'_>,
    tuning: &Tuning,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let event = request.event;
    if request.is_creation() {
        return Ok(());
    }
    let before = request.containers_before();
    // The path, the new image, and the old image.
    let swapped: Vec<(String, &str, &str)> = request
        .containers
        .iter()
        .filter_map(|one| {
            let old = before.get(one.container.name())?.image();
            let now = one.container.image();
            let is_other = !now.is_empty() && !old.is_empty() && repository(now) != repository(old);
            is_other.then(|| (format!("{}.image", one.path), now, old))
        })
        .collect();
    let Some((_, now, old)) = swapped.first() else {
        return Ok(());
    };
    let is_mirror = swapped
        .iter()
        .all(|(_, now, old)| is_mirrored(now, old) || is_mirrored(old, now) || is_moved(now, old));
    let rule = match Deployer::from_request(request) {
        Deployer::PersonAfterServiceAccount if !is_mirror => AFTER_SERVICE_ACCOUNT,
        Deployer::PersonAfterServiceAccount => MOVED,
        Deployer::Other => OTHER_USER,
        Deployer::UnknownByHand if !is_mirror => BY_HAND,
        Deployer::UnknownByHand | Deployer::Same | Deployer::Unknown => return Ok(()),
    };
    let member = format!("{}/{}", event.namespace(), repository(now));
    if rule.severity < 3.5 && !tuning.is_news(event, SWAPPED, &member, rule)? {
        return Ok(());
    }
    let title = format!(
        "Image {old} of {} was replaced with {now} by {}",
        request.target(),
        event.user().username()
    );
    let old = swapped
        .iter()
        .map(|(_, _, old)| *old)
        .collect::<Vec<_>>()
        .join(", ");
    let fields = swapped.iter().map(|(path, now, _)| (path.clone(), *now));
    findings.raise(
        Finding::new(SWAPPED)
            .on(event)
            .evidence_if_any(event, fields)
            .map(|finding| {
                finding
                    .severity(rule)
                    .attribute("before", old)
                    .dedup_key(request.key())
                    .title(title)
            }),
    );
    Ok(())
}

/// Registries that are open to the public.
const PUBLIC: [&str; 7] = [
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.gitlab.com",
    "ttl.sh",
];

/// Whether an image has the same name as another in the same private registry.
fn is_moved(image: &str, other: &str) -> bool {
    let host = registry(image);
    host == registry(other) && !PUBLIC.contains(&host) && base_name(image) == base_name(other)
}

/// Whether an image has the whole path of another below another registry or prefix, as mirrors
/// do: `mirror.example.com/library/nginx` for `nginx`.
fn is_mirrored(image: &str, other: &str) -> bool {
    let path = repository(other);
    let path = path
        .strip_prefix(registry(other))
        .unwrap_or(path)
        .trim_start_matches('/');
    repository(image)
        .strip_suffix(path)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

pub fn finding_type() -> FindingType {
    FindingType::new(SWAPPED, MEDIUM)
        .title("The image of a workload was replaced by an unexpected user")
        .description(
            "The workload runs another program under the same name, with the same service \
             account, secrets, and network. A user other than its usual deployer made the change, \
             as an attacker does to hide in a trusted workload.",
        )
        .technique("T1525")
        .technique("T1610")
        .remediation(
            "Ask the user whether this was intended. If not, roll the workload back (`kubectl \
             rollout undo`), revoke the user's credentials, and rotate the secrets that the pods \
             had. Allow only signed images with an admission policy.",
        )
        .false_positives(
            "Urgent manual fixes, and moves to another registry. Moves are rated Low if the path \
             stays the same, or the name within a private registry.",
        )
        .severity_rules([AFTER_SERVICE_ACCOUNT, MOVED, OTHER_USER, BY_HAND])
        .tuning("Add users to `trusted-users` or images to `trusted-images`.")
        .aggregated_by("actor, namespace, resource, and name")
        .reference("https://attack.mitre.org/techniques/T1525/")
}

#[cfg(test)]
mod tests {
    use super::{is_mirrored, is_moved};

    #[test]
    fn mirrors_keep_the_path() {
        for (image, other, expected) in [
            ("mirror.example.com/library/nginx:1", "nginx:1", true),
            (
                "mirror.example.com/shop/web:1",
                "registry.example.com/shop/web:1",
                true,
            ),
            (
                "docker.io/attacker/web:1",
                "registry.example.com/shop/web:1",
                false,
            ),
            ("attacker/xnginx", "nginx", false),
        ] {
            assert_eq!(is_mirrored(image, other), expected, "{image}");
        }
    }

    #[test]
    fn images_move_within_a_private_registry() {
        let own = "registry.example.com/shop/web:1";
        assert!(is_moved(own, "registry.example.com/shop-dev/web:2"));
        assert!(!is_moved(own, "registry.example.com/shop/tools"));
        assert!(!is_moved("attacker/web", "shop/web"));
    }
}
