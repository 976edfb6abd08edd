//! Helm releases that are being removed.
//!
//! Helm stores a release in secrets. `helm uninstall` writes its state into the latest of them,
//! deletes the objects of the release, and then deletes the secrets
//! (<https://helm.sh/docs/topics/kubernetes_apis/>, `helm/helm`, `pkg/action/uninstall.go`).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent;
use wardline_sdk::state;

use crate::member::{self, ALL};

/// Pattern of the names of these secrets.
pub const RECORDS: &str = "sh.helm.release.v1.*";

/// Maximum number of namespaces whose releases count as one application.
const MAX_NAMESPACES: usize = 2;
/// Maximum number of remembered namespaces.
const MAX_REMEMBERED: usize = 20;
/// Cluster-scoped resources that may belong to a release.
const CLUSTER_SCOPED: [&str; 1] = ["customresourcedefinitions"];

/// Returns whether the object is the record of a release.
pub fn is_record(event: AuditEvent<'_>) -> bool {
    event.resource_is("secrets", "")
        && RECORDS
            .strip_suffix('*')
            .is_some_and(|begin| event.name().starts_with(begin))
}

/// Remembers that the actor changed or removed a release of the namespace, unless it did so by
/// hand, as anybody may to pass for Helm.
pub fn remember(event: AuditEvent<'_>, window: Duration) -> Result<(), DetectError> {
    if agent::hand_tool(event.user_agent()).is_some() {
        return Ok(());
    }
    let mut namespaces = of(event)?;
    if !namespaces.iter().any(|known| known == event.namespace()) {
        namespaces.push(event.namespace().to_owned());
    }
    state::actor(event)
        .key("releases")
        .set_text(&namespaces.join("\n"), window)?;
    Ok(())
}

/// Returns the namespaces in which the actor recently changed or removed a release.
pub fn of(event: AuditEvent<'_>) -> Result<Vec<String>, DetectError> {
    let known = state::actor(event).key("releases").get_text()?;
    let lines = known.as_deref().unwrap_or_default().lines();
    Ok(lines.take(MAX_REMEMBERED).map(str::to_owned).collect())
}

/// Returns whether all deleted members may belong to releases of these namespaces. Helm deletes
/// objects one by one, so collections never do.
pub fn covers(namespaces: &[String], deleted: &[String]) -> bool {
    let is_release = |namespace: &str| namespaces.iter().any(|known| known == namespace);
    (1..=MAX_NAMESPACES).contains(&namespaces.len())
        && deleted.iter().all(|member| {
            let (kind, namespace, name) = member::parse(member);
            name != ALL
                && match kind {
                    "namespaces" => is_release(name),
                    kind if CLUSTER_SCOPED.contains(&kind) => true,
                    _ => is_release(namespace),
                }
        })
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn covers_releases_of_one_or_two_namespaces() {
        let owned =
            |texts: &[&str]| -> Vec<String> { texts.iter().map(|&text| text.to_owned()).collect() };
        for (namespaces, deleted, expected) in [
            (
                &["shop"][..],
                &["deployments shop/web", "services shop/web"][..],
                true,
            ),
            (
                &["shop"],
                &["customresourcedefinitions /a.b", "namespaces /shop"],
                true,
            ),
            (&["shop"], &["deployments shop/*"], false),
            (
                &["shop"],
                &["deployments shop/web", "services pay/web"],
                false,
            ),
            (&["shop"], &["namespaces /pay"], false),
            (&["shop"], &["nodes /n1"], false),
            (&["shop"], &["persistentvolumes /data"], false),
            (&[], &["deployments shop/web"], false),
            (&["a", "b", "c"], &["deployments a/web"], false),
        ] {
            let is_covered = covers(&owned(namespaces), &owned(deleted));
            assert_eq!(is_covered, expected, "{namespaces:?} {deleted:?}");
        }
    }
}
