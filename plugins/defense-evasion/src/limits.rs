//! Quotas and limits that are deleted.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;

use crate::events::verb;
use crate::types::LIMITS_REMOVED;

/// How long one deletion of an actor in a namespace stands for the next.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Raises a finding for the first of a day that an actor deletes in a namespace.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let resource = event.resource();
    let place = format!("{resource} {}", event.namespace());
    if !state::actor(event).key("limits").first_seen(&place, DAY)? {
        return Ok(());
    }
    let user = event.actor().username();
    findings.raise(
        Finding::new(LIMITS_REMOVED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .dedup_key(format!("{user} {place}"))
            .title(format!(
                "{user} {}{} {resource} of {}",
                outcome::attempted(event),
                verb(event),
                event.namespace()
            )),
    );
    Ok(())
}
