//! Deleted quotas and limits.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::time::DAY;

use crate::types::LIMITS_REMOVED;

/// Raises a finding for an actor's first deletion of this resource in a namespace in a day.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let resource = event.resource();
    let deleted = format!("{resource} {}", event.namespace());
    if !Told::by_actor(event, "limits").is_news(&deleted, 2.0, DAY)? {
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
                "Deletion of {resource} in {} by {user}{}",
                event.namespace(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}
