//! Reviews of an account's own rights.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;
use wardline_sdk::view::AccessReview;

use crate::pointed;
use crate::report::raise;
use crate::thresholds::Thresholds;
use crate::types::{BURST, BURST_BY_PERSON, BY_HAND, SINGLE, WHO_AM_I};

/// Beginnings of the user agents of clients that people and scripts use.
const CLIENTS: [&str; 6] = [
    "kubectl",
    "curl",
    "Wget",
    "python-requests",
    "python-urllib",
    "HTTPie",
];

/// Judges a review of the requester's own rights. Programs know their rights; an attacker who
/// found a token does not.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    thresholds: &Thresholds,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_person = event.actor().is_person();
    let review = review(event);
    match event.object().map(|object| object.resource()) {
        Some("selfsubjectrulesreviews") => {
            let namespace = match review {
                Some(review) => review.namespace().to_owned(),
                // The audit policy omitted the request.
                None => event.audit_id().to_owned(),
            };
            let threshold = match (is_person, review.is_some()) {
                (true, _) | (false, false) => thresholds.namespaces,
                (false, true) => thresholds.namespaces / 2,
            };
            let rules = state::actor(event)
                .key("rules")
                .window(window, thresholds.namespaces.saturating_mul(10));
            if let Some(seen) = rules.burst(&namespace, threshold.max(2))? {
                let severity = if is_person { BURST_BY_PERSON } else { BURST };
                let action = format!("Own rights in {} namespaces were checked", seen.distinct());
                let names = if review.is_some() {
                    seen.members().join(", ")
                } else {
                    String::new()
                };
                raise(event, severity, &action, &names, Some(&seen), findings);
            } else if !is_person && is_news(event, "rules", SINGLE)? {
                raise(
                    event,
                    SINGLE,
                    "Own rights in a namespace were listed",
                    &namespace,
                    None,
                    findings,
                );
            }
        }
        Some("selfsubjectaccessreviews") => {
            let threshold = if is_person {
                thresholds.checks
            } else {
                (thresholds.checks / 4).max(2)
            };
            if pointed::judge(event, review, window, findings)? {
                return Ok(());
            }
            let reviewed = review.map_or_else(|| event.audit_id().to_owned(), text);
            let checks = state::actor(event)
                .key("checks")
                .window(window, thresholds.checks.saturating_mul(5));
            if let Some(seen) = checks.burst(&reviewed, threshold)? {
                let severity = if is_person { BURST_BY_PERSON } else { SINGLE };
                let action = format!("{} different rights were checked", seen.distinct());
                let names = seen.members().join(", ");
                raise(event, severity, &action, &names, Some(&seen), findings);
            } else if !is_person
                && review.is_some_and(pointed::is_powerful)
                && is_news(event, "powerful", SINGLE)?
            {
                raise(
                    event,
                    SINGLE,
                    "A right that allows escalation was checked",
                    &reviewed,
                    None,
                    findings,
                );
            } else if !is_person && is_by_hand(event) && is_news(event, "by hand", BY_HAND)? {
                raise(
                    event,
                    BY_HAND,
                    "A right was checked with a command-line client",
                    &reviewed,
                    None,
                    findings,
                );
            }
        }
        // `kubectl auth whoami`.
        _ if !is_person && is_news(event, "whoami", WHO_AM_I)? => {
            raise(
                event,
                WHO_AM_I,
                "Own identity was checked",
                "",
                None,
                findings,
            );
        }
        _ => {}
    }
    Ok(())
}

fn is_news(
    event: AuditEvent<'_>,
    review: &str,
    severity: SeverityRule,
) -> Result<bool, DetectError> {
    Ok(Told::by_actor(event, "asked").is_news(review, severity, DAY)?)
}

/// Returns whether the user agent is that of a client for people. The client chooses it, so it
/// may add a finding but never suppress one.
fn is_by_hand(event: AuditEvent<'_>) -> bool {
    CLIENTS
        .iter()
        .any(|client| event.user_agent().starts_with(client))
}

fn review(event: AuditEvent<'_>) -> Option<AccessReview<'_>> {
    match event.requested()?.facts() {
        Facts::AccessReview(review) => Some(review),
        _ => None,
    }
}

/// Formats the right that a review is for, like `create pods/exec of kube-system`.
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
