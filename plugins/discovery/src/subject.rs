//! Reviews of the rights of other users.
//!
//! Aggregated API servers, kubelets, and authorizing proxies review the rights of their
//! clients all day, with accounts of their own. A person does so for a colleague now and then;
//! reviews of many subjects suggest a search for a credential that is worth stealing.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::state;

use crate::pointed;
use crate::types::{OTHERS_BY_PERSON, OTHERS_PROBE, OTHERS_UNSEEN};

/// Counts the subjects whose rights an actor reviews, and raises a finding if there were many.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    let is_service_account = user.is_service_account();
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
        // The audit policy omitted the request.
        None => (event.audit_id().to_owned(), false),
    };
    let key = if is_powerful { "powerful" } else { "any" };
    let seen = state::actor(event)
        .key(format!("subjects {key}"))
        .window(window, threshold.saturating_mul(20))
        .observe(&subject)?;
    let many = threshold.saturating_mul(2);
    let threshold = if review.is_some() { threshold } else { many };
    if seen.distinct() < threshold {
        return Ok(());
    }
    let severity = if is_service_account || (is_powerful && seen.distinct() >= many) {
        MEDIUM
    } else if review.is_some() {
        OTHERS_BY_PERSON.severity
    } else {
        OTHERS_UNSEEN.severity
    };
    if !Told::by_actor(event, "subjects").is_news("", severity, window)? {
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
            "Rights of {} other subjects were checked by {}",
            seen.distinct(),
            user.username()
        ));
    if review.is_some() {
        finding = finding.evidence(event, "requestObject.spec.user", seen.members().join(", "));
    }
    findings.raise(finding);
    Ok(())
}
