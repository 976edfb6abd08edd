//! Deleted events.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::severity::MEDIUM;

use crate::types::EVENTS_DELETED;

/// Raises a finding: events expire after an hour by default, so nobody has to delete them.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) {
    let user = event.actor().username();
    let deleted = match event.name() {
        "" => "all events",
        _ => "events",
    };
    let location = match event.namespace() {
        "" => String::new(),
        namespace => format!(" in {namespace}"),
    };
    findings.raise(
        Finding::new(EVENTS_DELETED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::Code)
            .severity(outcome::severity(event, MEDIUM))
            // `kubectl delete events --all` deletes them one by one.
            .dedup_key(user)
            .title(format!(
                "Deletion of {deleted}{location} by {user}{}",
                outcome::suffix(event)
            )),
    );
}
