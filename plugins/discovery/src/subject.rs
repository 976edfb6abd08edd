//! The rights of others.
//!
//! Aggregated API servers, kubelets and proxies before applications ask what those may do
//! whose requests they serve, all day, with accounts of their own. A person does so for a
//! colleague now and then; who asks about many looks for whose credential is worth having.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::pointed;
use crate::types::OTHERS_PROBE;

const LOW: f64 = 3.0;
const MEDIUM: f64 = 5.0;

/// Counts whose rights were asked for, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    let is_robot = user.service_account().is_some();
    let review = match event.requested().map(|object| object.facts()) {
        Some(Facts::AccessReview(review)) => Some(review),
        _ => None,
    };
    let (subject, is_powerful) = match review {
        Some(review) if review.username() == user.username() => return Ok(()),
        Some(review) if review.username().is_empty() => (
            review.groups().collect::<Vec<_>>().join(","),
            pointed::is_powerful(review),
        ),
        Some(review) => (review.username().to_owned(), pointed::is_powerful(review)),
        // The policy left the request out.
        None => (event.audit_id().to_owned(), false),
    };
    let key = if is_powerful { "powerful" } else { "any" };
    let seen = state::actor(event)
        .key(format!("subjects {key}"))
        .window(window, least.saturating_mul(20))
        .observe(&subject)?;
    let many = least.saturating_mul(2);
    let least = if review.is_some() { least } else { many };
    if seen.distinct() < least {
        return Ok(());
    }
    let severity = if is_robot || (is_powerful && seen.distinct() >= many) {
        MEDIUM
    } else {
        LOW
    };
    if !state::actor(event)
        .key("subjects/raised")
        .first_seen(&severity.to_string(), window)?
    {
        return Ok(());
    }
    let mut finding = Finding::new(OTHERS_PROBE)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Resource)
        .severity(severity)
        .attribute("distinct", seen.distinct())
        .dedup_key(user.username())
        .title(format!(
            "{} asked what {} others may do",
            user.username(),
            seen.distinct()
        ));
    if review.is_some() {
        finding = finding.evidence(event, "requestObject.spec.user", seen.members().join(", "));
    }
    findings.raise(finding);
    Ok(())
}
