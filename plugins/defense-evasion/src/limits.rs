//! Deleted quotas and limits.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;

use crate::events::verb;
use crate::types::LIMITS_REMOVED;

/// Period in which further deletions by one actor in one namespace are not reported.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Raises a finding for an actor's first deletion of this resource in a namespace in a day.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let resource = event.resource();
    let deleted = format!("{resource} {}", event.namespace());
    if !state::actor(event)
        .key("limits")
        .first_seen(&deleted, DAY)?
    {
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
            .dedup_key(format!("{user} {deleted}"))
            .title(format!(
                "{user} {}{} {resource} in {}",
                outcome::attempted(event),
                verb(event),
                event.namespace()
            )),
    );
    Ok(())
}
