//! Bursts of requests with credentials that the API server does not accept.
//!
//! The audit log does not show a rejected credential, so an expired one looks like many guessed
//! ones. The rate of repeated requests distinguishes them: a client backs off, and an attacker who
//! tries credentials does not.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::address;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;

const FINDING_TYPE: &str = "CredentialAccess:Kubernetes/BruteForce";

const BURST: SeverityRule = SeverityRule::new(
    LOW,
    "at least 20 requests came within 15 seconds, on average more than 5 for each path",
);

/// Number of requests within [`WINDOW`] from which they are reported.
const MIN_REQUESTS: u32 = 20;

/// Period over which requests of one address are counted.
const WINDOW: Duration = Duration::from_secs(15);

/// Number of times that a client with backoff sends the same request within the window: client-go
/// waits 0.8 seconds before it repeats a list, then twice as long each time (`tools/cache`,
/// `reflector.go`).
const MAX_TRIES: u32 = 5;

/// Number of requests of one address that are remembered.
const MAX_KEPT: u32 = 200;

/// Raises a finding if many requests from one public address are unauthenticated.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.code() != Some(401) || !event.user().username().is_empty() {
        return Ok(());
    }
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    let key = format!("unauthorized/{}", source.address);
    let seen = state::cluster(event)
        .key(key)
        .window(WINDOW, MAX_KEPT)
        .observe(event.path())?;
    if seen.count() < MIN_REQUESTS
        || seen.count() <= seen.distinct().saturating_mul(MAX_TRIES)
        || !Told::in_cluster(event, "guessing").is_news(source.address, LOW, DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .events(seen.events().iter().copied())
            .evidence(event, source.path(), source.address)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "requestURI", seen.members().join(", "))
            .severity(BURST)
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(source.address)
            .title(format!(
                "{} unauthenticated requests within {} s from {}",
                seen.count(),
                WINDOW.as_secs(),
                source.address
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, BURST.severity)
        .title("Burst of unauthenticated requests from a public address")
        .description(
            "A public address sent many requests within seconds whose credentials were not accepted (401). \
             An attacker may try a list of stolen tokens; guessing a token is hopeless, but a stolen one may \
             be valid.",
        )
        .technique("T1110")
        .remediation(
            "Search the audit log for later requests of this address that were authenticated. Restrict \
             access to the API server to known networks.",
        )
        .false_positives(
            "A program with an expired credential that does not wait between its requests.",
        )
        .severity_rules([BURST])
        .tuning("Suppress the finding for addresses of known clients.")
        .aggregated_by("address, once a day")
        .reference("https://attack.mitre.org/techniques/T1110/")
}
