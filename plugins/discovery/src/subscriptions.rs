//! Subscriptions of the detector.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent::hand_tool_marks;

use crate::{endpoint, enumeration, tool};

/// Adds all subscriptions to the descriptor. Requests of the control plane are excluded.
pub fn add(descriptor: Descriptor) -> Descriptor {
    all()
        .into_iter()
        .fold(descriptor, Descriptor::audit)
        .except_control_plane()
}

fn all() -> Vec<AuditSubscription> {
    let done = || AuditSubscription::new().outcomes(["success"]);
    let reviews_of_others = || {
        done().verbs(["create"]).resources([
            "subjectaccessreviews",
            "localsubjectaccessreviews",
            "tokenreviews",
        ])
    };
    vec![
        done().verbs(["create"]).resources([
            "selfsubjectrulesreviews",
            "selfsubjectaccessreviews",
            "selfsubjectreviews",
        ]),
        // Programs create reviews all day, so of system accounts only those with an interactive
        // tool count.
        reviews_of_others().except_usernames(["system:*"]),
        reviews_of_others()
            .user_agents(hand_tool_marks())
            .user_agents(tool::names()),
        done()
            .verbs(["list", "watch"])
            .api_groups([""])
            .resources(["configmaps"])
            .namespaces([""]),
        AuditSubscription::new()
            .verbs(["get", "list", "watch"])
            .outcomes(["denied"]),
        AuditSubscription::new()
            .usernames(["system:anonymous"])
            .outcomes(["denied"]),
        done()
            .verbs(["list"])
            .resources(enumeration::RECONNAISSANCE)
            .namespaces([""]),
        done()
            .verbs(["list"])
            .resources(enumeration::RECONNAISSANCE)
            .resources(["pods"])
            .user_agents(tool::names()),
        AuditSubscription::new()
            .paths(["/version", "/api", "/apis"])
            .paths(endpoint::PATHS),
        AuditSubscription::new().resources(["nodes/proxy"]),
        done().verbs(["get"]).resources(["pods/log"]),
    ]
}
