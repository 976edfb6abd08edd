//! Linux capabilities that containers are given (capabilities(7)).

use wardline_sdk::prelude::*;
use wardline_sdk::view::Container;

use crate::container::is_privileged;
use crate::danger::{Danger, placed};

/// With which a container leaves its bounds: it mounts, traces, loads code into the kernel,
/// reads any file, or reads the kernel's memory.
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

/// Traces the container's own processes, unless it sees those of the node: debuggers ask for
/// it (`kubectl debug` does by default).
const TRACE: &str = "SYS_PTRACE";

/// With which it disturbs or listens to others.
const DISTURBS: [&str; 7] = [
    "NET_ADMIN",
    "NET_RAW",
    "NET_BROADCAST",
    "DAC_OVERRIDE",
    "SYS_TIME",
    "IPC_OWNER",
    "LINUX_IMMUTABLE",
];

/// Dangerous capabilities that containers add, and did not have before. Privileged containers
/// have them all, and are told of as that.
pub fn added<'a>(
    workload: Workload<'a>,
    place: &str,
    before: Option<Workload<'_>>,
    requested: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let sees_node = workload.host_pid() || before.is_some_and(|before| before.host_pid());
    let severity = |name: &str| severity(name, sees_node);
    placed(workload)
        .filter(|(_, container)| !is_privileged(*container))
        .filter_map(|(at, container)| {
            let old: Vec<String> = before
                .into_iter()
                .flat_map(|before| before.containers())
                .filter(|old| old.name() == container.name())
                .flat_map(names)
                .collect();
            let new: Vec<String> = names(container)
                .filter(|name| !old.contains(name))
                .collect();
            let worst = new
                .iter()
                .filter_map(|name| severity(name))
                .reduce(f64::max)?;
            // Service meshes put a container with NET_ADMIN into every pod: nobody asked.
            if worst < 4.0 && is_injected(container, requested) {
                return None;
            }
            let dangerous: Vec<&str> = new
                .iter()
                .filter(|name| severity(name).is_some())
                .map(String::as_str)
                .collect();
            Some(Danger {
                image: container.image(),
                field: format!("{place}.{at}.securityContext.capabilities.add"),
                value: dangerous.join(", "),
                severity: worst,
            })
        })
        .collect()
}

fn severity(name: &str, sees_node: bool) -> Option<f64> {
    if name == TRACE && !sees_node {
        Some(3.0)
    } else if ESCAPES.contains(&name) {
        Some(5.0)
    } else {
        DISTURBS.contains(&name).then_some(3.0)
    }
}

/// As the kernel writes them, without `CAP_`: runtimes take either, in any case.
fn names(container: Container<'_>) -> impl Iterator<Item = String> {
    container.security().capabilities_added().map(|name| {
        let name = name.to_ascii_uppercase();
        match name.strip_prefix("CAP_") {
            Some(bare) => bare.to_owned(),
            None => name,
        }
    })
}

/// Whether a container is not of the request, but of admission.
fn is_injected(container: Container<'_>, requested: Option<Workload<'_>>) -> bool {
    requested.is_some_and(|requested| {
        requested.containers().next().is_some()
            && !requested
                .containers()
                .any(|asked| asked.name() == container.name())
    })
}
