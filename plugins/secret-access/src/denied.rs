//! Secrets that were asked for in vain.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{namespace, outcome};
use wardline_sdk::state;

use crate::DAY;
use crate::request::SecretRequest;

const FOUND: &str = "CredentialAccess:Kubernetes/SecretAccessDenied";

/// A person mistypes a namespace now and then; two different refusals are no slip. For a
/// workload, and where the cluster's own secrets were asked for, one is enough.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    request: &SecretRequest,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // What nobody in particular asks for is the noise of the internet.
    if user.username().is_empty() || user.is_anonymous() {
        return Ok(());
    }
    let seen = state::actor(event)
        .key("refused")
        .window(window, 10)
        .observe(&request.target)?;
    let is_slip = user.service_account().is_none()
        && !request.takes_all()
        && !namespace::is_sensitive(event.namespace())
        && seen.distinct() < 2;
    if is_slip
        || !state::actor(event)
            .key("refused-told")
            .first_seen("", DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .field(&event, AuditField::UserAgent)
            .severity(outcome::ATTEMPT)
            .dedup_key(user.username())
            .title(format!(
                "{} was refused to {} secrets in {}",
                user.username(),
                event.verb(),
                if event.namespace().is_empty() {
                    "all namespaces"
                } else {
                    event.namespace()
                }
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, outcome::ATTEMPT)
        .title("Secrets were asked for in vain")
        .description("An account asked for secrets that it may not read. Many of them are SecretEnumeration.")
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account. If it is a workload's, its program either lacks a right that it \
             needs, or is not the one that asked.",
        )
        .false_positives(
            "People who look into the wrong namespace, and operators that were given too few rights: once a \
             day for each account.",
        )
        .tuning("Raise `denials`, or name accounts that ask in vain in `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}
