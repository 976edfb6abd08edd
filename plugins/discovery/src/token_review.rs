//! Token reviews in numbers.
//!
//! Webhooks and secret stores review the tokens of their clients, with programs and accounts of
//! their own. An attacker who found tokens can learn in the same way which of them are valid,
//! without using one.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::{REVIEWED_BY_PERSON, TOKEN_REVIEWS};

/// Counts a review, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    // The log omits the tokens, so reviews are counted instead.
    let reviews = state::actor(event)
        .key("token reviews")
        .window(window, threshold.saturating_mul(5));
    let burst = reviews.burst_if(event.audit_id(), |seen| seen.count() >= threshold)?;
    let Some(seen) = burst else {
        return Ok(());
    };
    let mut finding = Finding::new(TOKEN_REVIEWS)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Resource)
        .attribute("count", seen.count())
        .dedup_key(user.username())
        .title(format!(
            "{} tokens were reviewed by {}",
            seen.count(),
            user.username()
        ));
    if !user.is_service_account() {
        finding = finding.severity(REVIEWED_BY_PERSON);
    }
    findings.raise(finding);
    Ok(())
}
