//! Subscriptions of the detector.

use wardline_sdk::AuditSubscription;
use wardline_sdk::contract::Level;
use wardline_sdk::rules::agent;

use crate::{authentication, dns, lease, static_pod};

const WRITES: [&str; 3] = ["create", "update", "patch"];
const ALL_WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

pub fn all() -> Vec<AuditSubscription> {
    let done = || AuditSubscription::new().outcomes(["success"]);
    vec![
        done()
            .verbs(ALL_WRITES)
            .api_groups(["admissionregistration.k8s.io"])
            .resources([
                "mutatingwebhookconfigurations",
                "validatingwebhookconfigurations",
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
                "mutatingadmissionpolicies",
                "mutatingadmissionpolicybindings",
            ])
            .needs_level(Level::RequestResponse),
        // Policies of Kyverno and Gatekeeper. Each Gatekeeper template defines a resource of its own,
        // so constraints cannot be listed by name.
        done()
            .verbs(["delete", "deletecollection"])
            .api_groups([
                "kyverno.io",
                "policies.kyverno.io",
                "templates.gatekeeper.sh",
                "constraints.gatekeeper.sh",
            ])
            .resources(["*"]),
        done()
            .verbs(WRITES)
            .api_groups(["kyverno.io", "policies.kyverno.io"])
            .resources([
                "policyexceptions",
                "clusterpolicies",
                "policies",
                "validatingpolicies",
                "imagevalidatingpolicies",
                "namespacedvalidatingpolicies",
            ])
            .needs_level(Level::Request),
        // Gatekeeper writes the status of constraints all day; `engine` skips subresources.
        done()
            .verbs(["update", "patch"])
            .api_groups(["constraints.gatekeeper.sh"])
            .resources(["*"])
            .needs_level(Level::Request),
        done()
            .verbs(WRITES)
            .api_groups(["apiregistration.k8s.io", "apiextensions.k8s.io"])
            .resources(["apiservices", "customresourcedefinitions"])
            .needs_level(Level::RequestResponse),
        done()
            .verbs(["create", "update", "patch", "delete"])
            .api_groups([""])
            .resources(["configmaps"])
            .namespaces(["kube-system", "kube-public"])
            .names(authentication::NAMES)
            .names(dns::NAMES)
            .needs_level(Level::RequestResponse),
        done()
            .verbs(WRITES)
            .api_groups([""])
            .resources(["namespaces"])
            .needs_level(Level::RequestResponse),
        done()
            .verbs(["create", "update", "patch", "delete"])
            .api_groups(["security.openshift.io"])
            .resources(["securitycontextconstraints"]),
        done()
            .verbs(WRITES)
            .api_groups(["rbac.authorization.k8s.io"])
            .resources(["rolebindings", "clusterrolebindings"])
            .needs_level(Level::Request),
        done()
            .verbs(WRITES)
            .api_groups([""])
            .resources(["nodes", "nodes/status"])
            .needs_level(Level::Request),
        done()
            .verbs(WRITES)
            .api_groups([""])
            .resources(["pods"])
            .names(static_pod::NAMES)
            .groups(["system:nodes"])
            .needs_level(Level::Request),
        done()
            .verbs(["update", "patch"])
            .api_groups([""])
            .resources(["serviceaccounts"])
            .needs_level(Level::RequestResponse),
    ]
    .into_iter()
    .chain(leases())
    .collect()
}

/// Lease writes by identities other than the owners, who renew their leases every two seconds, and
/// by persons who hold an owner's token.
fn leases() -> impl Iterator<Item = AuditSubscription> {
    let writes = |names: &[&'static str]| {
        AuditSubscription::new()
            .outcomes(["success"])
            .verbs(["create", "update", "patch", "delete"])
            .api_groups(["coordination.k8s.io"])
            .resources(["leases"])
            .namespaces(["kube-system"])
            .names(names.iter().copied())
            .except_control_plane()
    };
    lease::OWNED.into_iter().flat_map(move |(owner, names)| {
        let others = writes(names).except_usernames(owner);
        let by_hand = owner.map(|owner| {
            writes(names)
                .usernames([owner])
                .user_agents(agent::hand_tool_marks())
        });
        std::iter::once(others).chain(by_hand)
    })
}
