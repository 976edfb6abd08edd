//! Findings about roles and bindings that come with Kubernetes.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::ObjectChange;
use wardline_sdk::view::ObjectFacts;

use crate::content::{self, Changed};
use crate::report::Report;
use crate::types::{ADD_ON, SYSTEM_CHANGED, SYSTEM_DELETED, SYSTEM_ROLE, SYSTEM_UNSEEN};

/// Prefixes of the names that the API server creates at its start
/// (`plugin/pkg/auth/authorizer/rbac/bootstrappolicy`). Add-ons use other names that begin with
/// `system:`, such as `system:coredns` and `system:metrics-server`.
const BOOTSTRAPPED: [&str; 13] = [
    "system:aggregate-to-",
    "system:auth-delegator",
    "system:basic-user",
    "system:certificates.k8s.io:",
    "system:controller:",
    "system:discovery",
    "system:heapster",
    "system:kube-",
    "system:kubelet-api-admin",
    "system:monitoring",
    "system:node",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
];

/// Names of add-ons that match a prefix of [`BOOTSTRAPPED`].
const ADD_ONS: [&str; 3] = [
    "system:kube-dns",
    "system:kube-proxy",
    "system:node-problem-detector",
];

/// The roles and the binding of Kubernetes for people.
const USER_FACING: [&str; 4] = ["cluster-admin", "admin", "edit", "view"];

/// Judges a change of a system role or binding by what it changed. New objects are not reported,
/// and neither is a change that leaves rules, subjects, role, and aggregation as they were.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    changed: &ObjectChange<'_>,
    remember: Duration,
) -> Result<Option<Report>, DetectError> {
    let event = changed.event;
    if !is_of_interest(event) {
        return Ok(None);
    }
    let deletes = matches!(event.verb(), "delete" | "deletecollection");
    let content = if deletes {
        content::forget(event)?;
        Changed::Fields(Vec::new())
    } else {
        content::changed(changed, remember)?
    };
    if event.verb() == "create" || changed.is_new || content == Changed::Nothing {
        return Ok(None);
    }
    Ok(found(changed, &content))
}

/// Remembers the content of a system role or binding.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn learn(event: AuditEvent<'_>, remember: Duration) -> Result<(), DetectError> {
    if is_of_interest(event) && !event.verb().starts_with("delete") {
        content::learn(event, remember)?;
    }
    Ok(())
}

fn is_of_interest(event: AuditEvent<'_>) -> bool {
    event.name().starts_with("system:")
        || USER_FACING.contains(&event.name())
        || event.resulting().is_some_and(is_bootstrapped)
}

fn found(changed: &ObjectChange<'_>, content: &Changed) -> Option<Report> {
    let event = changed.event;
    let name = event.name();
    let is_built_in = USER_FACING.contains(&name)
        || (BOOTSTRAPPED.iter().any(|prefix| name.starts_with(prefix)) && !ADD_ONS.contains(&name))
        || event.resulting().is_some_and(is_bootstrapped);
    // In a namespace, any user may use the four names without `system:`.
    let is_built_in = is_built_in && (event.namespace().is_empty() || name.starts_with("system:"));
    if !is_built_in && !name.starts_with("system:") {
        return None;
    }
    let severity = match (is_built_in, event.verb()) {
        _ if *content == Changed::Unseen => SYSTEM_UNSEEN,
        (false, _) => ADD_ON,
        (true, "delete" | "deletecollection") => SYSTEM_DELETED,
        (true, _) => SYSTEM_CHANGED,
    };
    let title = format!(
        "System RBAC object {name} ({}) was {} by {}",
        event.resource(),
        if event.verb() == "delete" {
            "deleted"
        } else {
            "changed"
        },
        event.user().username(),
    );
    let finding = Finding::new(SYSTEM_ROLE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Name)
        .title(title)
        .dedup_key(format!(
            "{}|{}|{}/{name}",
            event.user().username(),
            event.verb(),
            event.namespace(),
        ));
    let finding = match content {
        Changed::Fields(fields) if !fields.is_empty() => {
            finding.attribute("changed", fields.join(", "))
        }
        _ => finding,
    };
    Some(Report::new(changed, finding, changed.severity(severity)))
}

/// Whether an object has the label of those that the API server creates at its start.
fn is_bootstrapped(object: ObjectFacts<'_>) -> bool {
    object.labels().get("kubernetes.io/bootstrapping") == Some("rbac-defaults")
}
