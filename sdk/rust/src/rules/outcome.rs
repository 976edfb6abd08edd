//! How much the outcome of a request takes from its severity.

use crate::AuditEvent;

/// The highest severity of what was asked for and not done: the top of Low.
pub const ATTEMPT: f64 = 3.0;

/// The severity of what a request asked for, given that of what it would have done: as it
/// is if it was done, at most [`ATTEMPT`] if it was refused, failed, or was a dry run.
#[must_use]
pub fn severity(event: AuditEvent<'_>, done: f64) -> f64 {
    if event.succeeded() && !event.dry_run() {
        done
    } else {
        done.min(ATTEMPT)
    }
}

/// What somebody did, for titles: `made` if it was done, and otherwise with [`attempted`] before
/// the other form, as in `tried to make`.
#[must_use]
pub fn did(event: AuditEvent<'_>, done: &'static str, to_do: &str) -> String {
    match attempted(event) {
        "" => done.to_owned(),
        attempted => format!("{attempted}{to_do}"),
    }
}

/// A word for what became of a request, for titles: empty if it was done, `tried to ` if it
/// was refused or failed, `asked, in a dry run, to ` if it was to change nothing.
#[must_use]
pub fn attempted(event: AuditEvent<'_>) -> &'static str {
    if !event.succeeded() {
        "tried to "
    } else if event.dry_run() {
        "asked, in a dry run, to "
    } else {
        ""
    }
}
