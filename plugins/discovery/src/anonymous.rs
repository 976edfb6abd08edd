//! Requests that nobody in particular makes and is refused.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::ANONYMOUS_PROBE;

/// How many resources somebody asks for who knows Kubernetes: scanners of the internet try
/// the paths of web servers.
const KNOWS_KUBERNETES: usize = 3;
const AIMED: f64 = 4.5;
const BLIND: f64 = 3.0;

/// Counts a refused request by its address, and raises a finding if there were many
/// different ones.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    if !event.denied() {
        return Ok(());
    }
    let address = event.client_ip();
    let member = match event.object() {
        Some(_) => format!("{} {}", event.verb(), event.resource()),
        None => event.path().to_owned(),
    };
    let seen = state::actor(event)
        .key(format!("anonymous {address}"))
        .window(window, least.saturating_mul(6))
        .observe(&member)?;
    if seen.distinct() < least {
        return Ok(());
    }
    let resources = seen
        .members()
        .iter()
        .filter(|member| !member.starts_with('/'))
        .count();
    // A program whose token has expired (401) knows Kubernetes too.
    let severity = if resources >= KNOWS_KUBERNETES && event.actor().is_anonymous() {
        AIMED
    } else {
        BLIND
    };
    if !state::actor(event)
        .key(format!("anonymous/raised {address}"))
        .first_seen(&severity.to_string(), window)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(ANONYMOUS_PROBE)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .evidence(event, "requestURI", seen.members().join(", "))
            .severity(severity)
            .attribute("distinct", seen.distinct())
            .dedup_key(address)
            .title(format!(
                "{address} was refused {} different requests without a valid credential",
                seen.distinct()
            )),
    );
    Ok(())
}
