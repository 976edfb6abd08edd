//! The influence of a request's outcome on severities and titles.

use crate::AuditEvent;

/// The maximum severity of a request that changed nothing, in the band Low.
pub const ATTEMPT: f64 = 3.0;

/// Returns the severity of a request: `done` if it took effect, and at most [`ATTEMPT`] if it was
/// denied, failed, or was a dry run.
#[must_use]
pub fn severity(event: AuditEvent<'_>, done: f64) -> f64 {
    if event.succeeded() && !event.dry_run() {
        done
    } else {
        done.min(ATTEMPT)
    }
}

/// Returns a verb for titles: `done`, such as `created`, if the request took effect, and otherwise
/// [`attempted`] and `to_do`, as in `tried to create`.
#[must_use]
pub fn did(event: AuditEvent<'_>, done: &'static str, to_do: &str) -> String {
    match attempted(event) {
        "" => done.to_owned(),
        attempted => format!("{attempted}{to_do}"),
    }
}

/// Returns words for titles to put before an infinitive: none if the request took effect,
/// `tried to ` if it was denied or failed, `tried, in a dry run, to ` if it was a dry run.
#[must_use]
pub fn attempted(event: AuditEvent<'_>) -> &'static str {
    if !event.succeeded() {
        "tried to "
    } else if event.dry_run() {
        "tried, in a dry run, to "
    } else {
        ""
    }
}
