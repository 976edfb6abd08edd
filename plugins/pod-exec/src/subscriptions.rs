//! The requests that reach into pods and nodes.

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;

pub fn add(descriptor: Descriptor) -> Descriptor {
    descriptor
        .audit(
            AuditSubscription::new()
                // WebSocket clients send a GET (KEP-4006), SPDY clients a POST.
                .verbs(["get", "create"])
                .api_groups([""])
                .resources([
                    "pods/exec",
                    "pods/attach",
                    "pods/portforward",
                    "nodes/proxy",
                ]),
        )
        .audit(
            AuditSubscription::new()
                .api_groups([""])
                .resources(["pods/proxy", "services/proxy"])
                .outcomes(["success"]),
        )
        .audit(
            AuditSubscription::new()
                .verbs(["patch", "update"])
                .api_groups([""])
                .resources(["pods/ephemeralcontainers"])
                .outcomes(["success"])
                .needs_level(Level::Request),
        )
        .audit(
            AuditSubscription::new()
                .verbs(["create"])
                .api_groups([""])
                .resources(["pods"])
                .names(["node-debugger-*"])
                .outcomes(["success"]),
        )
}
