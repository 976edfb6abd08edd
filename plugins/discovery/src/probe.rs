//! Accounts that ask what they may do.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, Window};
use wardline_sdk::view::AccessReview;

use crate::types::PERMISSION_PROBE;
use crate::{DAY, Limits, pointed};

pub const BURST: f64 = 5.0;
pub const LOW: f64 = 3.0;
const WHO_AM_I: f64 = 2.0;
const BY_HAND: f64 = 2.0;

/// Clients that people and scripts use, and programs with a library of their own do not.
const CLIENTS: [&str; 6] = [
    "kubectl",
    "curl",
    "Wget",
    "python-requests",
    "python-urllib",
    "HTTPie",
];

/// Judges a review of the requester's own rights. Programs know what they may do; who
/// found a token does not.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_person = event.actor().is_person();
    let review = review(event);
    match event.object().map(|object| object.resource()) {
        Some("selfsubjectrulesreviews") => {
            let namespace = match review {
                Some(review) => review.namespace().to_owned(),
                // The policy left the request out.
                None => event.audit_id().to_owned(),
            };
            let least = match (is_person, review.is_some()) {
                (true, _) | (false, false) => limits.namespaces,
                (false, true) => limits.namespaces / 2,
            };
            let rules = state::actor(event)
                .key("rules")
                .window(window, limits.namespaces.saturating_mul(10));
            let seen = rules.observe(&namespace)?;
            if seen.distinct() >= least.max(2) {
                rules.clear()?;
                let severity = if is_person { LOW } else { BURST };
                let what = format!("asked for its rights in {} namespaces", seen.distinct());
                let names = if review.is_some() {
                    seen.members().join(", ")
                } else {
                    String::new()
                };
                raise(event, severity, &what, &names, Some(&seen), findings);
            } else if !is_person && is_new(event, "rules")? {
                raise(
                    event,
                    LOW,
                    "asked for all of its rights",
                    &namespace,
                    None,
                    findings,
                );
            }
        }
        Some("selfsubjectaccessreviews") => {
            let least = if is_person {
                limits.checks
            } else {
                (limits.checks / 4).max(2)
            };
            if pointed::judge(event, review, window, findings)? {
                return Ok(());
            }
            let asked = review.map_or_else(|| event.audit_id().to_owned(), text);
            let checks = state::actor(event)
                .key("checks")
                .window(window, limits.checks.saturating_mul(5));
            let seen = checks.observe(&asked)?;
            if seen.distinct() >= least {
                checks.clear()?;
                let what = format!("asked for {} different rights", seen.distinct());
                let names = seen.members().join(", ");
                raise(event, LOW, &what, &names, Some(&seen), findings);
            } else if !is_person
                && review.is_some_and(pointed::is_powerful)
                && is_new(event, "powerful")?
            {
                raise(
                    event,
                    LOW,
                    "asked for a powerful right",
                    &asked,
                    None,
                    findings,
                );
            } else if !is_person && is_by_hand(event) && is_new(event, "by hand")? {
                raise(
                    event,
                    BY_HAND,
                    "asked for a right with a client for people",
                    &asked,
                    None,
                    findings,
                );
            }
        }
        // `kubectl auth whoami`.
        _ if !is_person && is_new(event, "whoami")? => {
            raise(event, WHO_AM_I, "asked who it is", "", None, findings);
        }
        _ => {}
    }
    Ok(())
}

fn is_new(event: AuditEvent<'_>, what: &str) -> Result<bool, DetectError> {
    Ok(state::actor(event).key("asked").first_seen(what, DAY)?)
}

/// By the user agent: it makes a finding, and never takes one away.
fn is_by_hand(event: AuditEvent<'_>) -> bool {
    CLIENTS
        .iter()
        .any(|client| event.user_agent().starts_with(client))
}

/// Raises a finding about rights that were asked for.
pub fn raise(
    event: AuditEvent<'_>,
    severity: f64,
    what: &str,
    asked: &str,
    seen: Option<&Window>,
    findings: &mut Findings,
) {
    let user = event.actor().username();
    let mut finding = Finding::new(PERMISSION_PROBE)
        .on(event)
        .events(seen.map(Window::events).unwrap_or_default().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Resource)
        .severity(severity)
        .dedup_key(user)
        .title(format!("{user} {what}"));
    if !asked.is_empty() {
        finding = finding.evidence(event, "requestObject.spec", asked);
    }
    findings.raise(finding);
}

fn review(event: AuditEvent<'_>) -> Option<AccessReview<'_>> {
    match event.requested()?.facts() {
        Facts::AccessReview(review) => Some(review),
        _ => None,
    }
}

/// `create pods/exec of kube-system`.
fn text(review: AccessReview<'_>) -> String {
    let mut text = format!("{} {}", review.verb(), review.resource());
    for (mark, part) in [
        ("/", review.subresource()),
        ("", review.path()),
        (" of ", review.namespace()),
    ] {
        if !part.is_empty() {
            text.push_str(mark);
            text.push_str(part);
        }
    }
    text
}
