//! Clients that people look at a cluster with.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address::public_source;
use wardline_sdk::rules::agent;

/// How they begin their user agents: kubectl, OpenShift's `oc`, k9s, Lens and what came of it,
/// Headlamp, and browsers, whose agents consoles hand on.
const INTERACTIVE: [&str; 11] = [
    "kubectl/",
    "kubectl.exe/",
    "oc/",
    "k9s/",
    "Lens/",
    "OpenLens/",
    "Freelens/",
    "Headlamp",
    "headlamp",
    "Octant/",
    "Mozilla/5.0 (",
];

/// Whether a person looks around in the own network: authenticated as one, in the own name, from
/// no public address, and with a client that shows objects to people. Such a client takes all of a kind
/// to draw one view of it. A user agent is whatever a client calls itself, so that this lowers
/// a severity and hides nothing.
pub fn is_person_inside(event: AuditEvent<'_>) -> bool {
    let user_agent = event.user_agent();
    event.user().is_person()
        && event.impersonated_user().is_none()
        && public_source(event).is_none()
        && agent::script(user_agent).is_none()
        && INTERACTIVE
            .iter()
            .any(|begin| user_agent.starts_with(begin))
}
