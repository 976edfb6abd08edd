//! Objects deleted in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::release;
use crate::types::MASS_DELETION;

/// What keeps services running, and what comes and goes.
pub const RESOURCES: [&str; 16] = [
    "deployments",
    "statefulsets",
    "daemonsets",
    "cronjobs",
    "services",
    "ingresses",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "persistentvolumeclaims",
    "persistentvolumes",
    "namespaces",
    "customresourcedefinitions",
    "nodes",
    "pods",
    "jobs",
];

/// What comes and goes by itself: so many of them are worth one other object.
const SHORT_LIVED: [&str; 2] = ["pods", "jobs"];
const SHORT_LIVED_SHARE: u32 = 4;

/// The weight from which a burst is more than one application being removed.
const HEAVY: u32 = 20;
const LOW: f64 = 3.0;
const MEDIUM: f64 = 5.0;
/// Stands for all objects of a kind in a namespace.
pub const ALL: &str = "*";

/// Counts a deletion, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let Some(object) = event.object() else {
        return Ok(());
    };
    let name = if object.name().is_empty() {
        ALL
    } else {
        object.name()
    };
    let is_robot = event.actor().service_account().is_some();
    // Runners and operators clear up their own, and autoscalers take nodes away.
    let comes_and_goes = SHORT_LIVED.contains(&object.resource()) || object.resource() == "nodes";
    if is_robot && name != ALL && comes_and_goes {
        return Ok(());
    }
    let member = format!("{} {}/{name}", object.resource(), object.namespace());
    let deleted = state::actor(event).key("deleted").window(window, 200);
    let seen = deleted.observe(&member)?;
    let burst = Burst::of(seen.members());
    let least = if is_robot {
        least.saturating_mul(2)
    } else {
        least
    };
    if burst.objects < least {
        return Ok(());
    }
    let is_release = release::covers(&release::of(event)?, seen.members());
    let severity = if burst.is_heavy(is_robot) && !is_release {
        MEDIUM
    } else {
        LOW
    };
    // Once for each severity: a burst that goes on is the same burst.
    if !state::actor(event)
        .key("deleted/raised")
        .first_seen(&severity.to_string(), window)?
    {
        return Ok(());
    }
    let user = event.actor().username();
    findings.raise(
        Finding::new(MASS_DELETION)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .evidence(event, "objectRef", seen.members().join(", "))
            .attribute("weight", burst.weight)
            .severity(severity)
            .dedup_key(user)
            .title(format!("{user} deleted {}", burst.words())),
    );
    Ok(())
}

/// What a window of deletions holds.
#[derive(Debug, Default, PartialEq)]
struct Burst {
    /// A collection counts as five.
    objects: u32,
    weight: u32,
    namespaces: Vec<String>,
    kinds: BTreeMap<String, u32>,
    takes_everything: bool,
}

impl Burst {
    fn of(members: &[String]) -> Self {
        let mut burst = Self::default();
        let mut short_lived = 0;
        for member in members {
            let (kind, path) = member.split_once(' ').unwrap_or_default();
            let (namespace, name) = path.split_once('/').unwrap_or_default();
            if name != ALL && SHORT_LIVED.contains(&kind) {
                short_lived += 1;
            } else {
                let count = if name == ALL { 5 } else { 1 };
                burst.objects += count;
                burst.weight += weight(kind) * count;
            }
            let counted = match name {
                ALL => format!("all {kind}"),
                _ => kind.to_owned(),
            };
            *burst.kinds.entry(counted).or_default() += 1;
            burst.takes_everything |= is_in_every_namespace(kind, name);
            if !namespace.is_empty() && !burst.namespaces.iter().any(|known| known == namespace) {
                burst.namespaces.push(namespace.to_owned());
            }
        }
        burst.objects += short_lived / SHORT_LIVED_SHARE;
        burst.weight += short_lived / SHORT_LIVED_SHARE;
        burst
    }

    fn is_heavy(&self, is_robot: bool) -> bool {
        if is_robot {
            let namespaces = self.kinds.get("namespaces").copied().unwrap_or_default();
            return self.weight >= HEAVY && (self.namespaces.len() >= 3 || namespaces >= 5);
        }
        self.weight >= HEAVY || (self.takes_everything && self.kinds.len() >= 2)
    }

    /// `2 deployments and 3 services of team-a`.
    fn words(&self) -> String {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| match kind.strip_prefix("all ") {
                Some(_) => kind.clone(),
                None => format!("{count} {kind}"),
            })
            .collect();
        let place = match self.namespaces.as_slice() {
            [] => String::new(),
            [namespace] => format!(" of {namespace}"),
            more => format!(" of {} namespaces", more.len()),
        };
        format!("{}{place}", kinds.join(", "))
    }
}

fn weight(kind: &str) -> u32 {
    match kind {
        // All that is in it goes with it.
        "namespaces" => 7,
        // All objects of the kind go with it; all pods of the node do.
        "customresourcedefinitions" | "nodes" => 5,
        "persistentvolumeclaims" | "persistentvolumes" => 4,
        "statefulsets" => 3,
        "deployments" | "daemonsets" | "cronjobs" => 2,
        _ => 1,
    }
}

/// What the control plane makes in every namespace (`root-ca-cert-publisher`,
/// `service-account-controller`): nobody deletes it on purpose.
fn is_in_every_namespace(kind: &str, name: &str) -> bool {
    matches!(
        (kind, name),
        (
            "configmaps",
            "kube-root-ca.crt" | "openshift-service-ca.crt"
        ) | ("serviceaccounts", "default")
            | ("configmaps" | "serviceaccounts", ALL)
    )
}

#[cfg(test)]
mod tests {
    use super::Burst;

    fn burst(members: &[&str]) -> Burst {
        let members: Vec<String> = members.iter().map(|&member| member.to_owned()).collect();
        Burst::of(&members)
    }

    #[test]
    fn volumes_and_collections_weigh_more() {
        let volumes = burst(&["persistentvolumeclaims a/1", "persistentvolumeclaims b/2"]);
        assert_eq!((volumes.objects, volumes.weight), (2, 8));
        let collection = burst(&["deployments a/*"]);
        assert_eq!((collection.objects, collection.weight), (5, 10));
        assert_eq!(collection.words(), "all deployments of a");
    }

    #[test]
    fn what_comes_and_goes_weighs_little() {
        let pods: Vec<String> = (0..20).map(|n| format!("pods a/{n}")).collect();
        let pods = Burst::of(&pods);
        assert_eq!((pods.objects, pods.weight), (5, 5));
        assert_eq!(burst(&["pods a/*"]).objects, 5);
    }

    #[test]
    fn what_every_namespace_has_goes_only_with_everything() {
        let members = ["deployments a/web", "configmaps a/kube-root-ca.crt"];
        assert!(burst(&members).is_heavy(false));
        assert!(!burst(&members).is_heavy(true));
        assert!(!burst(&["configmaps a/kube-root-ca.crt"]).is_heavy(false));
    }

    #[test]
    fn robots_clear_up_one_application_at_a_time() {
        let one: Vec<String> = (0..12).map(|n| format!("deployments a/{n}")).collect();
        assert!(Burst::of(&one).is_heavy(false));
        assert!(!Burst::of(&one).is_heavy(true));
        let many: Vec<String> = (0..12).map(|n| format!("deployments n{n}/web")).collect();
        assert!(Burst::of(&many).is_heavy(true));
        let namespaces: Vec<String> = (0..5).map(|n| format!("namespaces /{n}")).collect();
        assert!(Burst::of(&namespaces).is_heavy(true));
        assert!(!Burst::of(&namespaces[..4]).is_heavy(true));
    }
}
