//! Privileged containers, and containers with sensitive host paths.

use std::collections::{BTreeMap, BTreeSet};

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::view::{Container, Volume};

use crate::danger::{Danger, placed};
use crate::host_path::risk;

/// Whether a container has full control of its node.
pub fn is_privileged(container: Container<'_>) -> bool {
    let security = container.security();
    security.privileged() == Some(true) || security.windows_host_process()
}

/// Returns containers that are privileged and were not before.
pub fn privileged<'a>(
    workload: Workload<'a>,
    spec_path: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let pod_is_host_process = workload.security().windows_host_process();
    let was_privileged: BTreeSet<&str> = before
        .into_iter()
        .flat_map(|before| before.containers())
        .filter(|old| is_privileged(*old))
        .map(|old| old.name())
        .collect();
    placed(workload)
        .filter(|(_, container)| is_privileged(*container) || pod_is_host_process)
        .filter(|(_, container)| !was_privileged.contains(container.name()))
        .map(|(at, container)| {
            let field = if container.security().privileged() == Some(true) {
                format!("{spec_path}.{at}.securityContext.privileged")
            } else if container.security().windows_host_process() {
                format!("{spec_path}.{at}.securityContext.windowsOptions.hostProcess")
            } else {
                format!("{spec_path}.securityContext.windowsOptions.hostProcess")
            };
            Danger {
                image: container.image(),
                field,
                value: "true".to_owned(),
                severity: MEDIUM,
            }
        })
        .collect()
}

/// Returns sensitive paths of the node that containers mount and did not mount before.
pub fn sensitive_mounts<'a>(
    workload: Workload<'a>,
    spec_path: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let volumes = workload.volumes_by_name("hostPath");
    if volumes.is_empty() {
        return Vec::new();
    }
    // Whether each path was writable before.
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    if let Some(before) = before {
        let volumes = before.volumes_by_name("hostPath");
        for container in before.containers() {
            for mount in host_paths(&volumes, container) {
                *known.entry(mount.path).or_default() |= !mount.read_only;
            }
        }
    }
    placed(workload)
        .flat_map(|(at, container)| {
            host_paths(&volumes, container).map(move |mount| (at.clone(), container, mount))
        })
        .filter(|(_, _, mount)| {
            let was_writable = known.get(&mount.path);
            !was_writable.is_some_and(|was_writable| mount.read_only || *was_writable)
        })
        .filter_map(|(at, container, mount)| {
            let rule = risk(&mount.path, mount.read_only)?;
            Some(Danger {
                image: container.image(),
                field: format!("{spec_path}.volumes[name={}].hostPath.path", mount.volume),
                value: format!(
                    "{} in {at} at {}, {}",
                    mount.path,
                    mount.at,
                    if mount.read_only {
                        "read-only"
                    } else {
                        "writable"
                    }
                ),
                severity: rule.severity,
            })
        })
        .collect()
}

/// A mount of a path of the node.
struct HostPath<'a> {
    volume: &'a str,
    path: String,
    at: &'a str,
    read_only: bool,
}

/// Returns the paths of the node that a container mounts, of these volumes.
fn host_paths<'a>(
    volumes: &BTreeMap<&str, Volume<'a>>,
    container: Container<'a>,
) -> impl Iterator<Item = HostPath<'a>> {
    container.mounts().filter_map(move |mount| {
        let volume = volumes.get(mount.name())?;
        let path = if mount.sub_path().is_empty() {
            volume.source().to_owned()
        } else {
            format!(
                "{}/{}",
                volume.source().trim_end_matches('/'),
                mount.sub_path()
            )
        };
        Some(HostPath {
            volume: volume.name(),
            path,
            at: mount.path(),
            read_only: mount.read_only(),
        })
    })
}
