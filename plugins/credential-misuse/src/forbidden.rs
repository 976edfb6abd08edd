//! Many different requests that were refused.
//!
//! A program without the rights it needs asks for the same few things again and again, and
//! reads. Who has found a credential tries what it is good for: many things, in many
//! namespaces, and changes among them.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::{DAY, LOW, request};

const FOUND: &str = "Discovery:Kubernetes/ForbiddenBurst";

/// How many different changes among what was refused tell a person from a program that was
/// given too little.
const CHANGES: usize = 3;

/// Raises a finding if one account was refused many different requests.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // What nodes are refused is judged by another rule; anonymous probing is the internet's
    // noise. Who is not authenticated at all (401) is counted by address.
    if !event.denied() || user.node().is_some() || user.is_anonymous() {
        return Ok(());
    }
    let refused = state::actor(event)
        .key("refused")
        .window(window, least.saturating_mul(4));
    let seen = refused.observe(&request(event))?;
    if seen.distinct() < least {
        return Ok(());
    }
    let changes = seen
        .members()
        .iter()
        .filter(|member| !is_harmless(member))
        .count();
    let is_probing = changes >= CHANGES && !user.username().is_empty();
    if is_probing {
        refused.clear()?;
    } else if !state::actor(event)
        .key("refused-reading")
        .first_seen("", DAY)?
    {
        // The window stays: changes may follow.
        return Ok(());
    }
    let who = if user.username().is_empty() {
        event.client_ip()
    } else {
        user.username()
    };
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "refused", seen.members().join(", "))
            .severity(if is_probing { 5.0 } else { LOW })
            .attribute("distinct", seen.distinct())
            .attribute("changes", changes)
            .dedup_key(format!("{who}/{is_probing}"))
            .title(format!(
                "{who} was refused {} different requests",
                seen.distinct()
            )),
    );
    Ok(())
}

/// Reading, questions about rights, and what every operator writes first: the lease by which
/// it is elected, and events.
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

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("Many different requests were refused")
        .description(
            "One account asked in a short time for many things that it may not do. That is how somebody \
             finds out what a credential is good for.",
        )
        .technique("T1613")
        .technique("T1069.003")
        .remediation(
            "Ask the owner of the account. If it is a workload's, look into its pods: somebody may have its \
             token. Revoke the credential, and see what else it asked for that was allowed.",
        )
        .false_positives(
            "Operators that were given too few rights ask for all kinds of objects; they read, ask for the \
             same again and again, and are rated Low, once a day. So are dashboards and terminal interfaces \
             in the hands of people with few rights, and clients whose credential has expired (401).",
        )
        .severity_rule("3.0 if fewer than 3 different changes are among the requests, or nobody was authenticated")
        .tuning("Raise `refusals`, or shorten `window`.")
        .aggregated_by("actor, or the address where nobody was authenticated; and whether changes were tried")
        .reference("https://attack.mitre.org/techniques/T1613/")
}
