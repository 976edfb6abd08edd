//! Tokens that are tried out.
//!
//! Webhooks and secret stores have the tokens of those who call them reviewed, with programs
//! and accounts of their own. Whoever has found tokens can see in the same way which of them
//! are good, without using one.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::TOKEN_REVIEWS;

const PERSON: f64 = 3.0;

/// Counts a review, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    let is_robot = user.service_account().is_some();
    // The tokens themselves are in no log.
    let reviews = state::actor(event)
        .key("token reviews")
        .window(window, least.saturating_mul(5));
    let seen = reviews.observe(event.audit_id())?;
    if seen.count() < least {
        return Ok(());
    }
    reviews.clear()?;
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
            "{} had {} tokens reviewed",
            user.username(),
            seen.count()
        ));
    if !is_robot {
        finding = finding.severity(PERSON);
    }
    findings.raise(finding);
    Ok(())
}
