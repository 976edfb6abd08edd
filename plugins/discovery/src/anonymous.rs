//! Denied requests without a valid credential.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::state;

use crate::types::{ANONYMOUS_PROBE, INVALID_CREDENTIAL, TARGETED, WEB_PATHS};

/// Minimum number of different requests for resources that shows knowledge of Kubernetes;
/// internet scanners try the paths of web servers.
const MIN_TARGETED: usize = 3;

/// Counts the denied requests of an address, and raises a finding if many differ.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
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
        .window(window, threshold.saturating_mul(6))
        .observe(&member)?;
    if seen.distinct() < threshold {
        return Ok(());
    }
    let resources = seen
        .members()
        .iter()
        .filter(|member| !member.starts_with('/'))
        .count();
    let severity = if !event.actor().is_anonymous() {
        // A program whose token has expired (401) requests resources too.
        INVALID_CREDENTIAL.severity
    } else if resources < MIN_TARGETED {
        WEB_PATHS.severity
    } else {
        TARGETED
    };
    if !Told::by_actor(event, "anonymous").is_news(address, severity, window)? {
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
                "{} different unauthenticated requests were denied from {address}",
                seen.distinct()
            )),
    );
    Ok(())
}
