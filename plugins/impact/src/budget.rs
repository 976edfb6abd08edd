//! Deleted PodDisruptionBudgets.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::kit::DAY;
use crate::types::BUDGET_DELETED;

const SERVICE_ACCOUNT: f64 = 2.0;

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
            "PodDisruptionBudgets in {} deleted by {}",
            event.namespace(),
            user.username()
        ));
    if user.service_account().is_some() {
        finding = finding.severity(SERVICE_ACCOUNT);
    }
    findings.raise(finding);
    Ok(())
}
