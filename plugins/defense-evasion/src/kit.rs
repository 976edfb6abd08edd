//! Constants and helpers that the rules share.

use std::time::Duration;

use wardline_sdk::prelude::*;

/// Severity of activity that is worth knowing and seldom an attack: the top of Low.
pub const LOW: f64 = 3.0;

/// Period in which a rule reports one kind of request of an actor once.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

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
