//! Deleted PodDisruptionBudgets.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;

use crate::is_robot;
use crate::types::{BUDGET_BY_SERVICE_ACCOUNT, BUDGET_DELETED};

/// Raises a finding for the first budget that an actor deletes in a namespace in a day.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.actor();
    let severity = if is_robot(event) {
        BUDGET_BY_SERVICE_ACCOUNT.severity
    } else {
        LOW
    };
    if !Told::by_actor(event, "budgets").is_news(event.namespace(), severity, DAY)? {
        return Ok(());
    }
    let finding = Finding::new(BUDGET_DELETED)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .severity(severity)
        .dedup_key(format!("{} {}", user.username(), event.namespace()))
        .title(format!(
            "PodDisruptionBudgets in {} were deleted by {}",
            event.namespace(),
            user.username()
        ));
    findings.raise(finding);
    Ok(())
}
