//! Clients with which people browse a cluster.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address::public_source;
use wardline_sdk::rules::agent;

/// User agent prefixes of kubectl, OpenShift's `oc`, k9s, Lens and its forks, Headlamp, and
/// browsers, whose user agents consoles pass on.
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

/// Parts of the user agents of programs that install software, in lower case.
const INSTALLERS: [&str; 7] = [
    "helm",
    "terraform",
    "argocd",
    "flux",
    "rancher",
    "pulumi",
    "werf",
];

/// Whether a user agent is that of a program that installs software. User agents can be forged, so
/// this lowers a severity but never suppresses a finding.
pub fn is_installer(user_agent: &str) -> bool {
    let lower = user_agent.to_ascii_lowercase();
    INSTALLERS.iter().any(|name| lower.contains(name))
}

/// Whether a person browses the cluster from inside the network: authenticated as a person, not
/// impersonating, not from a public address, and with a client that shows objects to people. Such
/// a client lists all objects of a kind to draw one view. User agents can be forged, so this
/// lowers a severity but never suppresses a finding.
pub fn is_person_inside(event: AuditEvent<'_>) -> bool {
    let user_agent = event.user_agent();
    event.user().is_person()
        && event.impersonated_user().is_none()
        && public_source(event).is_none()
        && agent::script(user_agent).is_none()
        && INTERACTIVE
            .iter()
            .any(|prefix| user_agent.starts_with(prefix))
}
