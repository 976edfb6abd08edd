//! Tokens that the API server does not know, many in a short time.
//!
//! A log says nothing of a credential that was not accepted, so that one that has expired
//! looks like many that are guessed. What tells them apart is how fast the same requests come
//! again: a client waits longer each time, and who tries credentials does not.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address;
use wardline_sdk::state;

use crate::{DAY, LOW};

const FOUND: &str = "CredentialAccess:Kubernetes/BruteForce";

/// How many requests are many.
const MANY: u32 = 20;
const WINDOW: Duration = Duration::from_secs(15);

/// How often a client that waits asks for one thing within the window: client-go pauses for 0.8
/// seconds before it tries a list again, then for twice as long each time (`tools/cache`,
/// `reflector.go`).
const TRIES: u32 = 5;

/// How many requests of one address are kept.
const KEPT: u32 = 200;

/// Raises a finding if many requests from one public address were not authenticated.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.code() != Some(401) || !event.user().username().is_empty() {
        return Ok(());
    }
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    let place = format!("unauthorized/{}", source.address);
    let seen = state::cluster(event)
        .key(place)
        .window(WINDOW, KEPT)
        .observe(event.path())?;
    if seen.count() < MANY
        || seen.count() <= seen.distinct().saturating_mul(TRIES)
        || !state::cluster(event)
            .key("guessing")
            .first_seen(source.address, DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .events(seen.events().iter().copied())
            .evidence(event, source.path(), source.address)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Code)
            .evidence(event, "requestURI", seen.members().join(", "))
            .severity(LOW)
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(source.address)
            .title(format!(
                "{} sent {} requests within {} s with credentials that the API server does not know",
                source.address,
                seen.count(),
                WINDOW.as_secs()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, LOW)
        .title("Many credentials were tried")
        .description(
            "A public address sent many requests in a few seconds that were not authenticated (401): \
             somebody tries tokens, or a list of stolen ones. Guessing a token is hopeless; a stolen one may \
             be good. Look at who came from this address afterwards.",
        )
        .technique("T1110")
        .remediation(
            "Look for requests of this address that were answered. Let only known networks reach the API \
             server.",
        )
        .false_positives(
            "A program with an expired credential that does not wait between its requests.",
        )
        .severity_rule("from 20 requests in 15 seconds on, if on average each came more than 5 times")
        .tuning("Suppress it for the address of a client that you know.")
        .aggregated_by("address, once a day")
        .reference("https://attack.mitre.org/techniques/T1110/")
}
