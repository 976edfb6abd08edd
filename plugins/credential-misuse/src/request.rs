//! Helpers for descriptions of requests.

use wardline_sdk::prelude::*;

/// Returns whether the request is authenticated.
pub fn is_authenticated(event: AuditEvent<'_>) -> bool {
    !event.user().username().is_empty() && !event.user().is_anonymous()
}

/// Returns the verb, the resource or path, and the namespace of a request: `list secrets shop`.
pub fn text(event: AuditEvent<'_>) -> String {
    match event.object() {
        Some(object) if object.namespace().is_empty() => {
            format!("{} {}", event.verb(), event.resource())
        }
        Some(object) => format!(
            "{} {} {}",
            event.verb(),
            event.resource(),
            object.namespace()
        ),
        None => format!("{} {}", event.verb(), event.path()),
    }
}
