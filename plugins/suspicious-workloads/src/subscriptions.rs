//! The requests that create or change workloads.

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;

pub fn add(descriptor: Descriptor) -> Descriptor {
    descriptor
        .audit(
            AuditSubscription::new()
                .verbs(["create", "update", "patch"])
                .api_groups(["", "apps", "batch"])
                .resources([
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
                ])
                .outcomes(["success"])
                .needs_level(Level::Request),
        )
        .audit(
            AuditSubscription::new()
                .verbs(["update", "patch"])
                .api_groups(["", "apps"])
                .resources([
                    "deployments/scale",
                    "statefulsets/scale",
                    "replicasets/scale",
                    "replicationcontrollers/scale",
                ])
                .outcomes(["success"])
                .needs_level(Level::Request),
        )
        .except_control_plane()
        .except_usernames(["system:node:*"])
}
