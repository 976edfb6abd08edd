//! Linux capabilities that are added to containers (capabilities(7)).

use std::cell::LazyCell;
use std::collections::BTreeSet;

use wardline_sdk::prelude::*;
use wardline_sdk::view::Container;

use crate::container::is_privileged;
use crate::danger::{Danger, placed};
use crate::types::{DISRUPTION, ESCAPE};

/// Capabilities that allow an escape: mounting, tracing, loading kernel code, reading any file, or
/// reading kernel memory.
const ESCAPES: [&str; 13] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_PTRACE",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "DAC_READ_SEARCH",
    "BPF",
    "PERFMON",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "CHECKPOINT_RESTORE",
    "SYSLOG",
];

/// Only traces the container's own processes unless the pod shares those of the node. Debuggers
/// need it (`kubectl debug` adds it by default).
const TRACE: &str = "SYS_PTRACE";

/// Capabilities with which a container can disrupt or eavesdrop on others.
const DISRUPTIVE: [&str; 7] = [
    "NET_ADMIN",
    "NET_RAW",
    "NET_BROADCAST",
    "DAC_OVERRIDE",
    "SYS_TIME",
    "IPC_OWNER",
    "LINUX_IMMUTABLE",
];

/// Returns dangerous capabilities that containers add and did not have before. Privileged
/// containers have them all and are reported by [`crate::container`].
pub fn added<'a>(
    workload: Workload<'a>,
    spec_path: &str,
    before: Option<Workload<'_>>,
    requested: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let shares_pids = workload.host_pid() || before.is_some_and(|before| before.host_pid());
    let severity = |name: &str| severity(name, shares_pids);
    // Most pods add none, so both are only collected if they are needed.
    let old: LazyCell<BTreeSet<(&str, String)>, _> = LazyCell::new(|| {
        let containers = before.into_iter().flat_map(|before| before.containers());
        containers
            .flat_map(|old| names(old).map(move |name| (old.name(), name)))
            .collect()
    });
    let named: LazyCell<BTreeSet<&str>, _> = LazyCell::new(|| {
        let containers = requested
            .into_iter()
            .flat_map(|requested| requested.containers());
        containers.map(|container| container.name()).collect()
    });
    placed(workload)
        .filter(|(_, container)| !is_privileged(*container))
        .filter(|(_, container)| !container.security().capabilities_added().is_empty())
        .filter_map(|(at, container)| {
            let mut new: Vec<String> = Vec::new();
            for name in names(container) {
                let had = (container.name(), name);
                if !old.contains(&had) {
                    new.push(had.1);
                }
            }
            let worst = new
                .iter()
                .filter_map(|name| severity(name))
                .reduce(f64::max)?;
            // Service meshes inject a container with NET_ADMIN into every pod.
            if worst < 4.0 && is_injected(container, &named) {
                return None;
            }
            let dangerous: Vec<&str> = new
                .iter()
                .filter(|name| severity(name).is_some())
                .map(String::as_str)
                .collect();
            Some(Danger {
                image: container.image(),
                field: format!("{spec_path}.{at}.securityContext.capabilities.add"),
                value: dangerous.join(", "),
                severity: worst,
            })
        })
        .collect()
}

fn severity(name: &str, shares_pids: bool) -> Option<f64> {
    if name == TRACE && !shares_pids {
        Some(DISRUPTION.severity)
    } else if ESCAPES.contains(&name) {
        Some(ESCAPE.severity)
    } else {
        DISRUPTIVE.contains(&name).then_some(DISRUPTION.severity)
    }
}

/// Returns the capability names in upper case without `CAP_`: runtimes accept either form.
fn names(container: Container<'_>) -> impl Iterator<Item = String> {
    container.security().capabilities_added().map(|name| {
        let name = name.to_ascii_uppercase();
        match name.strip_prefix("CAP_") {
            Some(bare) => bare.to_owned(),
            None => name,
        }
    })
}

/// Whether admission added a container that is not one of those that the request names.
fn is_injected(container: Container<'_>, named: &BTreeSet<&str>) -> bool {
    !named.is_empty() && !named.contains(container.name())
}
