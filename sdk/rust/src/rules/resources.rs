//! Groups of resources, as subscriptions and `AuditEvent::resource` write them.
//!
//! The resources and their relations are those of
//! <https://kubernetes.io/docs/concepts/workloads/>.

/// Pods and all built-in objects that pods are created from, with the API groups of
/// [`WORKLOAD_API_GROUPS`].
pub const WORKLOADS: [&str; 10] = [
    "pods",
    "pods/ephemeralcontainers",
    "podtemplates",
    "replicationcontrollers",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicasets",
    "jobs",
    "cronjobs",
];

/// The API groups of [`WORKLOADS`]; the empty one is the core group.
pub const WORKLOAD_API_GROUPS: [&str; 3] = ["", "apps", "batch"];

/// Workloads that keep pods running until they are deleted or scaled down.
pub const LONG_RUNNING: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];

/// The subresource `scale` of every workload that has one.
pub const SCALES: [&str; 4] = [
    "deployments/scale",
    "statefulsets/scale",
    "replicasets/scale",
    "replicationcontrollers/scale",
];

#[cfg(test)]
mod tests {
    use super::{LONG_RUNNING, SCALES, WORKLOADS};

    #[test]
    fn smaller_groups_are_parts_of_workloads() {
        let scaled = SCALES.map(|scale| scale.strip_suffix("/scale").unwrap());
        for resource in LONG_RUNNING.into_iter().chain(scaled) {
            assert!(WORKLOADS.contains(&resource), "{resource}");
        }
    }
}
