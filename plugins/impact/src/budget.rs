//! Disruption budgets that are deleted.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::BUDGET_DELETED;

const ROBOT: f64 = 2.0;
/// How long one deletion of an actor in a namespace stands for the next.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Raises a finding for the first budget that an actor deletes in a namespace.
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
            "{} deleted PodDisruptionBudgets of {}",
            user.username(),
            event.namespace()
        ));
    if user.service_account().is_some() {
        finding = finding.severity(ROBOT);
    }
    findings.raise(finding);
    Ok(())
}
