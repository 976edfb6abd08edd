//! Host namespaces that a pod shares.

use wardline_sdk::prelude::*;

use crate::danger::{Danger, first_image};
use crate::types::{HOST_NETWORK, HOST_PROCESSES};

/// Returns the host namespaces that a pod shares and did not share before. With the node's
/// processes or IPC, a container can enter, trace, and kill processes, or read shared memory. The
/// node's network only reaches local services, and many agents share it.
pub fn shared<'a>(
    workload: Workload<'a>,
    spec_path: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let had = |shares: fn(Workload<'_>) -> bool| before.is_some_and(shares);
    [
        (
            "hostPID",
            workload.host_pid() && !had(|pod| pod.host_pid()),
            HOST_PROCESSES,
        ),
        (
            "hostIPC",
            workload.host_ipc() && !had(|pod| pod.host_ipc()),
            HOST_PROCESSES,
        ),
        (
            "hostNetwork",
            workload.host_network() && !had(|pod| pod.host_network()),
            HOST_NETWORK,
        ),
    ]
    .into_iter()
    .filter(|(_, shares, _)| *shares)
    .map(|(field, _, rule)| Danger {
        image: first_image(workload),
        field: format!("{spec_path}.{field}"),
        value: "true".to_owned(),
        severity: rule.severity,
    })
    .collect()
}
