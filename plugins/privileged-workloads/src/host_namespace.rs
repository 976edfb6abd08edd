//! Namespaces of the node that a pod shares.

use wardline_sdk::prelude::*;

use crate::danger::{Danger, first_image};

/// The node's namespaces that pods share, and did not share before. Seen processes of the node
/// can be entered, traced and killed, and its shared memory read; its network reaches what
/// listens on the node alone, and is what many agents have.
pub fn shared<'a>(
    workload: Workload<'a>,
    place: &str,
    before: Option<Workload<'_>>,
) -> Vec<Danger<'a>> {
    let had = |shares: fn(Workload<'_>) -> bool| before.is_some_and(shares);
    [
        (
            "hostPID",
            workload.host_pid() && !had(|pod| pod.host_pid()),
            5.0,
        ),
        (
            "hostIPC",
            workload.host_ipc() && !had(|pod| pod.host_ipc()),
            5.0,
        ),
        (
            "hostNetwork",
            workload.host_network() && !had(|pod| pod.host_network()),
            3.0,
        ),
    ]
    .into_iter()
    .filter(|(_, shares, _)| *shares)
    .map(|(field, _, severity)| Danger {
        image: first_image(workload),
        field: format!("{place}.{field}"),
        value: "true".to_owned(),
        severity,
    })
    .collect()
}
