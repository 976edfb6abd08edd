//! Constants and helpers that the rules share.

use std::time::Duration;

use wardline_sdk::prelude::*;

/// The severity of activity that is worth a finding but not an alarm.
pub const LOW: f64 = 3.0;

/// Period for which behavior of an identity, once seen, counts as known.
pub const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// Period in which continuing activity is reported once.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whether the request is authenticated.
pub fn is_authenticated(event: AuditEvent<'_>) -> bool {
    !event.user().username().is_empty() && !event.user().is_anonymous()
}

/// Returns the verb, the resource or path, and the namespace of a request: `list secrets shop`.
pub fn request(event: AuditEvent<'_>) -> String {
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
