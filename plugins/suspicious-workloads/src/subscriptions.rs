//! The requests that create or change workloads.

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::UnseenOwner;
use wardline_sdk::rules::resources::{SCALES, WORKLOAD_API_GROUPS, WORKLOADS};

pub fn add(descriptor: Descriptor) -> Descriptor {
    let descriptor = descriptor
        .audit(
            AuditSubscription::new()
                .verbs(["create", "update", "patch"])
                .api_groups(WORKLOAD_API_GROUPS)
                .resources(WORKLOADS)
                .outcomes(["success"])
                .needs_level(Level::Request),
        )
        .audit(
            AuditSubscription::new()
                .verbs(["update", "patch"])
                .api_groups(["", "apps"])
                .resources(SCALES)
                .outcomes(["success"])
                .needs_level(Level::Request),
        )
        .except_control_plane();
    UnseenOwner::subscribe(descriptor).except_usernames(["system:node:*"])
}
