//! Releases that Helm removes.
//!
//! Helm keeps a release as secrets: `helm uninstall` writes its state into the last of them,
//! deletes what belongs to the release, and then these secrets
//! (<https://helm.sh/docs/topics/kubernetes_apis/>, `helm/helm`, `pkg/action/uninstall.go`).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::deletion::ALL;

/// How the names of these secrets begin.
pub const RECORDS: &str = "sh.helm.release.v1.*";

/// Releases of more namespaces than this are not one application that is removed.
const MOST: usize = 2;
/// How many namespaces are remembered.
const REMEMBERED: usize = 20;
/// What of a release is in no namespace.
const CLUSTER_WIDE: [&str; 1] = ["customresourcedefinitions"];

/// Whether the object is the record of a release.
pub fn is_record(event: AuditEvent<'_>) -> bool {
    event.resource_is("secrets", "")
        && RECORDS
            .strip_suffix('*')
            .is_some_and(|begin| event.name().starts_with(begin))
}

/// Remembers that the actor changes or removes a release of the namespace.
pub fn remember(event: AuditEvent<'_>, window: Duration) -> Result<(), DetectError> {
    let mut namespaces = of(event)?;
    if !namespaces.iter().any(|known| known == event.namespace()) {
        namespaces.push(event.namespace().to_owned());
    }
    state::actor(event)
        .key("releases")
        .set_text(&namespaces.join("\n"), window)?;
    Ok(())
}

/// The namespaces whose releases the actor has changed or removed of late.
pub fn of(event: AuditEvent<'_>) -> Result<Vec<String>, DetectError> {
    let known = state::actor(event).key("releases").get_text()?;
    let lines = known.as_deref().unwrap_or_default().lines();
    Ok(lines.take(REMEMBERED).map(str::to_owned).collect())
}

/// Whether all that was deleted, as `RESOURCE NAMESPACE/NAME`, may belong to releases of these
/// namespaces. Helm deletes one object after the other: collections are not its doing.
pub fn covers(namespaces: &[String], deleted: &[String]) -> bool {
    let is_release = |namespace: &str| namespaces.iter().any(|known| known == namespace);
    (1..=MOST).contains(&namespaces.len())
        && deleted.iter().all(|member| {
            let (kind, path) = member.split_once(' ').unwrap_or_default();
            let (namespace, name) = path.split_once('/').unwrap_or_default();
            name != ALL
                && match kind {
                    "namespaces" => is_release(name),
                    kind if CLUSTER_WIDE.contains(&kind) => true,
                    _ => is_release(namespace),
                }
        })
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_release_is_of_one_namespace_or_two() {
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
