//! Constants and helpers that the rules share.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

/// Severity of activity that is worth knowing and seldom an attack: the top of Low.
pub const LOW: f64 = 3.0;

/// Period for which the state of an object is remembered.
pub const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);

/// Returns the object of the request as `NAMESPACE/NAME`.
pub fn path(event: AuditEvent<'_>) -> String {
    format!("{}/{}", event.namespace(), event.name())
}

/// Returns the body that [`AuditEvent::facts`] come from, as evidence names it.
pub fn facts_body(event: AuditEvent<'_>) -> &'static str {
    match event.resulting().map(|object| object.facts()) {
        None | Some(Facts::None) => "requestObject",
        Some(_) => "responseObject",
    }
}

/// Stores the value of a key for the cluster, and returns whether it differs from the stored
/// one.
pub fn is_news(event: AuditEvent<'_>, key: &str, now: &str) -> Result<bool, DetectError> {
    let known = state::cluster(event).key(key);
    if known.get_text()?.as_deref() == Some(now) {
        return Ok(false);
    }
    known.set_text(now, KEEP)?;
    Ok(true)
}

/// Returns whether a service account made the request: GitOps controllers and Kubernetes
/// operators apply what people decided.
pub fn is_service_account(event: AuditEvent<'_>) -> bool {
    event.actor().service_account().is_some()
}

/// Returns a suffix for titles of requests that changed nothing, or an empty text.
pub fn outcome_suffix(event: AuditEvent<'_>) -> &'static str {
    if event.denied() {
        " (denied)"
    } else if !event.succeeded() {
        " (failed)"
    } else if event.dry_run() {
        " (dry run)"
    } else {
        ""
    }
}
