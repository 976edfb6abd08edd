//! Bursts of different denied requests.
//!
//! A program that lacks permissions repeats the same few requests, mostly reads. The holder of a
//! stolen credential probes what it allows: many resources, in many namespaces, including changes.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;

use crate::request;

const FINDING_TYPE: &str = "Discovery:Kubernetes/ForbiddenBurst";

const READING: SeverityRule = SeverityRule::new(
    LOW,
    "fewer than 3 different changes are among the requests, or the actor is unauthenticated",
);

/// Number of different denied changes that distinguishes probing from a program that lacks
/// permissions.
const MIN_CHANGES: usize = 3;

/// Raises a finding if one actor was denied many different requests.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // The node rule judges denied requests of nodes, and anonymous probing from the internet is
    // common. Unauthenticated requests (401) are counted by address.
    if !event.denied() || user.is_kubelet() || user.is_anonymous() {
        return Ok(());
    }
    let denied = state::actor(event)
        .key("refused")
        .window(window, threshold.saturating_mul(4));
    let seen = denied.observe(&request::text(event))?;
    if seen.distinct() < threshold {
        return Ok(());
    }
    let changes = seen
        .members()
        .iter()
        .filter(|member| !is_harmless(member))
        .count();
    let is_probing = changes >= MIN_CHANGES && !user.username().is_empty();
    if is_probing {
        denied.clear()?;
    } else if !Told::by_actor(event, "refused-reading").is_news("", READING.severity, DAY)? {
        // The window is kept, since changes may follow.
        return Ok(());
    }
    let actor = if user.username().is_empty() {
        event.client_ip()
    } else {
        user.username()
    };
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "refused", seen.members().join(", "))
            .severity(if is_probing { MEDIUM } else { READING.severity })
            .attribute("distinct", seen.distinct())
            .attribute("changes", changes)
            .dedup_key(format!("{actor}/{is_probing}"))
            .title(format!(
                "{actor} was denied {} different requests",
                seen.distinct()
            )),
    );
    Ok(())
}

/// Whether a request reads, asks for permissions, or writes the leases and events that every
/// Kubernetes operator writes.
fn is_harmless(request: &str) -> bool {
    let mut words = request.split(' ');
    let (verb, resource) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    matches!(verb, "get" | "list" | "watch" | "head" | "options")
        || matches!(resource, "leases" | "events")
        || resource.ends_with("reviews")
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("Burst of different denied requests")
        .description(
            "One actor was denied many different requests within a short time. Attackers probe in this way \
             what a stolen credential allows.",
        )
        .technique("T1613")
        .technique("T1069.003")
        .remediation(
            "Ask the owner of the account. If it belongs to a workload, inspect its pods, since its token may \
             be stolen. Revoke the credential, and search the audit log for requests of it that were allowed.",
        )
        .false_positives(
            "Kubernetes operators that lack permissions, dashboards and terminal interfaces of people with \
             few permissions, and clients with an expired credential (401). They mostly read, and are rated \
             Low, once a day.",
        )
        .severity_rules([READING])
        .tuning("Raise `refusals`, or shorten `window`.")
        .aggregated_by("actor, or address if unauthenticated, and whether changes were tried")
        .reference("https://attack.mitre.org/techniques/T1613/")
}
