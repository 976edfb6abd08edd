//! Deleted PodDisruptionBudgets.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;

use crate::types::{BUDGET_BY_SERVICE_ACCOUNT, BUDGET_DELETED};

/// Raises a finding for the first budget that an actor deletes in a namespace in a day.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let is_new = state::actor(event)
        .key("budgets")
        .first_seen(event.namespace(), DAY)?;
    if !is_new {
        return Ok(());
    }
    let user = event.actor();
    let mut finding = Finding::new(BUDGET_DELETED)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .dedup_key(format!("{} {}", user.username(), event.namespace()))
        .title(format!(
            "PodDisruptionBudgets in {} were deleted by {}",
            event.namespace(),
            user.username()
        ));
    if user.is_service_account() {
        finding = finding.severity(BUDGET_BY_SERVICE_ACCOUNT);
    }
    findings.raise(finding);
    Ok(())
}
