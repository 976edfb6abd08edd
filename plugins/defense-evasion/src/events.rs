//! Events that are deleted.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;

use crate::types::EVENTS_DELETED;

const DELETED: f64 = 5.0;

/// Raises a finding: events expire by themselves after an hour, and nobody has to delete
/// them.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    let user = event.actor().username();
    let what = match event.name() {
        "" => "all events",
        _ => "events",
    };
    let place = match event.namespace() {
        "" => String::new(),
        namespace => format!(" of {namespace}"),
    };
    findings.raise(
        Finding::new(EVENTS_DELETED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::Code)
            .severity(outcome::severity(event, DELETED))
            // One by one is how `kubectl delete events --all` does it.
            .dedup_key(user)
            .title(format!(
                "{user} {}{} {what}{place}",
                outcome::attempted(event),
                verb(event)
            )),
    );
}

/// `deleted`, or `delete` after what [`outcome::attempted`] says.
pub fn verb(event: AuditEvent<'_>) -> &'static str {
    if outcome::attempted(event).is_empty() {
        "deleted"
    } else {
        "delete"
    }
}
