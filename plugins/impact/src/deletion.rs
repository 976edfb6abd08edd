//! Mass deletion of objects.
//!
//! Objects that the actor made itself a short while ago do not count.

use std::collections::BTreeMap;
use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::state;

use crate::member::{self, ALL};
use crate::types::{DELETED_BY_SERVICE_ACCOUNT, LIGHT, MASS_DELETION, RELEASE};
use crate::{is_robot, release};

/// Resources whose deletion is counted.
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

/// Resources that are deleted and recreated all the time.
const SHORT_LIVED: [&str; 2] = ["pods", "jobs"];
/// Number of short-lived objects that count as one other object.
const SHORT_LIVED_SHARE: u32 = 4;

/// Minimum weight of a burst that exceeds the removal of one application.
const MIN_HEAVY: u32 = 20;
/// Minimum weight of the namespaces and CRDs that a program deletes for more than Low: that of five
/// namespaces.
const MIN_HEAVY_SCOPES: u32 = 35;

/// Counts a deletion, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
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
    let is_robot = is_robot(event);
    // Runners and operators delete their own pods and jobs, and autoscalers delete nodes.
    let is_transient = SHORT_LIVED.contains(&object.resource()) || object.resource() == "nodes";
    if is_robot && name != ALL && is_transient {
        return Ok(());
    }
    let member = format!("{} {}/{name}", object.resource(), object.namespace());
    let deleted = state::actor(event).key("deleted").window(window, 200);
    let seen = deleted.observe(&member)?;
    let burst = Burst::from_members(seen.members());
    let threshold = if is_robot {
        threshold.saturating_mul(2)
    } else {
        threshold
    };
    let is_heavy = burst.is_heavy(is_robot);
    // Few objects of great weight are as much as many of small weight.
    if burst.objects < threshold && !(is_heavy && burst.weight >= MIN_HEAVY) {
        return Ok(());
    }
    // No release contains what the control plane makes in every namespace. After an uninstallation,
    // people delete CRDs and the namespace by hand.
    let is_release =
        !burst.takes_everything && release::covers(&release::of(event)?, seen.members());
    let severity = if is_release {
        RELEASE.severity
    } else if is_heavy {
        MEDIUM
    } else if is_robot {
        DELETED_BY_SERVICE_ACCOUNT.severity
    } else {
        LIGHT.severity
    };
    // Once for each severity, since a burst that continues is the same burst.
    if !Told::by_actor(event, "deleted").is_news("", severity, window)? {
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
            .title(format!("Mass deletion of {} by {user}", burst.describe())),
    );
    Ok(())
}

/// Summary of the deletions in a window.
#[derive(Debug, Default, PartialEq)]
struct Burst {
    /// Number of objects; a collection counts as five.
    objects: u32,
    /// Sum of the objects' weights.
    weight: u32,
    namespaces: Vec<String>,
    /// Number of deletions by resource; `all RESOURCE` stands for collections.
    kinds: BTreeMap<String, u32>,
    /// Sum of the weights of namespaces and CRDs.
    scopes: u32,
    /// Whether an object was deleted that every namespace has.
    takes_everything: bool,
}

impl Burst {
    fn from_members(members: &[String]) -> Self {
        let mut burst = Self::default();
        let mut short_lived = 0;
        for member in members {
            let (kind, namespace, name) = member::parse(member);
            if name != ALL && SHORT_LIVED.contains(&kind) {
                short_lived += 1;
            } else {
                let count = if name == ALL { 5 } else { 1 };
                burst.objects += count;
                burst.weight += weight(kind) * count;
                if matches!(kind, "namespaces" | "customresourcedefinitions") {
                    burst.scopes += weight(kind) * count;
                }
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
            return self.weight >= MIN_HEAVY
                && (self.namespaces.len() >= 3 || self.scopes >= MIN_HEAVY_SCOPES);
        }
        self.weight >= MIN_HEAVY || (self.takes_everything && self.kinds.len() >= 2)
    }

    /// Describes the burst for titles, like `2 deployments and 3 services in team-a`.
    fn describe(&self) -> String {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .map(|(kind, count)| match kind.strip_prefix("all ") {
                Some(_) => kind.clone(),
                None => format!("{count} {kind}"),
            })
            .collect();
        let objects = match kinds.as_slice() {
            [first, second] => format!("{first} and {second}"),
            [] | [_] => kinds.join(""),
            more => format!("{} kinds of objects", more.len()),
        };
        let location = match self.namespaces.as_slice() {
            [] => String::new(),
            [namespace] => format!(" in {namespace}"),
            more => format!(" in {} namespaces", more.len()),
        };
        format!("{objects}{location}")
    }
}

fn weight(kind: &str) -> u32 {
    match kind {
        // Deleted with all objects in it.
        "namespaces" => 7,
        // Deleted with all objects of the kind, or all pods of the node.
        "customresourcedefinitions" | "nodes" => 5,
        "persistentvolumeclaims" | "persistentvolumes" => 4,
        "statefulsets" => 3,
        "deployments" | "daemonsets" | "cronjobs" => 2,
        _ => 1,
    }
}

/// Returns whether the control plane makes the object in every namespace
/// (`root-ca-cert-publisher`, `service-account-controller`), so that nobody deletes it on
/// purpose.
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
        Burst::from_members(&members)
    }

    #[test]
    fn volumes_and_collections_weigh_more() {
        let volumes = burst(&["persistentvolumeclaims a/1", "persistentvolumeclaims b/2"]);
        assert_eq!((volumes.objects, volumes.weight), (2, 8));
        let collection = burst(&["deployments a/*"]);
        assert_eq!((collection.objects, collection.weight), (5, 10));
        assert_eq!(collection.describe(), "all deployments in a");
    }

    #[test]
    fn short_lived_objects_weigh_little() {
        let pods: Vec<String> = (0..20).map(|n| format!("pods a/{n}")).collect();
        let pods = Burst::from_members(&pods);
        assert_eq!((pods.objects, pods.weight), (5, 5));
        assert_eq!(burst(&["pods a/*"]).objects, 5);
    }

    #[test]
    fn objects_of_every_namespace_make_burst_heavy_with_another_kind() {
        let members = ["deployments a/web", "configmaps a/kube-root-ca.crt"];
        assert!(burst(&members).is_heavy(false));
        assert!(!burst(&members).is_heavy(true));
        assert!(!burst(&["configmaps a/kube-root-ca.crt"]).is_heavy(false));
    }

    #[test]
    fn service_account_is_heavy_only_in_several_namespaces() {
        let one: Vec<String> = (0..12).map(|n| format!("deployments a/{n}")).collect();
        assert!(Burst::from_members(&one).is_heavy(false));
        assert!(!Burst::from_members(&one).is_heavy(true));
        let many: Vec<String> = (0..12).map(|n| format!("deployments n{n}/web")).collect();
        assert!(Burst::from_members(&many).is_heavy(true));
        let namespaces: Vec<String> = (0..5).map(|n| format!("namespaces /{n}")).collect();
        assert!(Burst::from_members(&namespaces).is_heavy(true));
        assert!(!Burst::from_members(&namespaces[..4]).is_heavy(true));
    }
}
