//! Constants and helpers that the rules share.

use std::time::Duration;

use wardline_sdk::prelude::*;

/// The severity of activity that is worth a finding but not an alarm.
pub const LOW: f64 = 3.0;

/// Period for which behavior of an identity, once seen, counts as known.
pub const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

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
