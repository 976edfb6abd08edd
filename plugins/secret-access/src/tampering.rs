//! Many secrets that one person creates, changes, or deletes.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::{Made, agent};
use wardline_sdk::state;

use crate::request::is_release_record;

const FOUND: &str = "Impact:Kubernetes/SecretsTampered";

const CREATED: SeverityRule = SeverityRule::new(LOW, "the secrets were only created");
const BY_TOKEN: SeverityRule = SeverityRule::new(
    LOW,
    "a service account deleted them with kubectl or a scripting tool",
);

/// The secrets that actors made themselves.
const MADE: Made = Made::new(Made::RECENT);

/// Remembers a secret that the request makes.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn created(event: AuditEvent<'_>) -> Result<(), DetectError> {
    MADE.observe(event)?;
    Ok(())
}

/// Raises a finding if a person changed many secrets. Automation that manages secrets uses service
/// accounts, and people seldom have a reason to change many by hand.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    threshold: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let changed = event.changed_something();
    let verb = event.verb();
    let is_person = event.user().is_person();
    // The token of a workload in a tool that people use. Deployers apply secrets with kubectl, and
    // hardly delete many.
    let is_token_by_hand =
        verb.starts_with("delete") && agent::hand_tool(event.user_agent()).is_some();
    if !changed || !(is_person || is_token_by_hand) || is_release_record(event) {
        return Ok(());
    }
    let is_own = match verb {
        "delete" => MADE.take(event)?,
        "create" => false,
        _ => MADE.is_own(event)?,
    };
    if is_own {
        return Ok(());
    }
    let target = match event.name() {
        "" => format!("{}/*", event.namespace()),
        name => format!("{}/{name}", event.namespace()),
    };
    let is_all = verb == "deletecollection";
    let (key, severity) = if verb == "create" {
        ("created", CREATED.severity)
    } else if is_person {
        ("changed", MEDIUM)
    } else {
        ("changed", BY_TOKEN.severity)
    };
    let changes = state::actor(event)
        .key(key)
        .window(window, threshold.saturating_mul(10));
    let burst = changes.burst_if(&format!("{verb} {target}"), |seen| {
        seen.distinct() >= threshold || is_all
    })?;
    let Some(seen) = burst else {
        return Ok(());
    };
    let username = event.user().username();
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::UserAgent)
            .evidence(
                event,
                "verb objectRef.namespace/name",
                seen.members().join(", "),
            )
            .severity(severity)
            .attribute("distinct", seen.distinct())
            .dedup_key(format!("{username}/{key}"))
            .title(if is_all {
                format!(
                    "All secrets of {} were deleted by {username}",
                    event.namespace()
                )
            } else {
                format!(
                    "{} different secrets were {key}{} by {username}",
                    seen.distinct(),
                    if verb == "create" { "" } else { " or deleted" }
                )
            }),
    );
    Ok(())
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, MEDIUM)
        .title("Many secrets were changed by a person")
        .description(
            "A person created, changed, or deleted many secrets in a short time, or deleted all \
             of a namespace. This stops the workloads that depend on them, or redirects them with \
             other credentials.",
        )
        .technique("T1485")
        .technique("T1565.001")
        .remediation(
            "Ask the person whether it was a planned rotation or removal. If not, revoke the \
             account's credentials, and restore the secrets from their source or from a backup.",
        )
        .false_positives(
            "Manual rotation, and Terraform or Pulumi with a person's credential when they tear \
             down an environment. Secrets that the same user made within the last 12 hours do not \
             count.",
        )
        .severity_rules([CREATED, BY_TOKEN])
        .tuning("Raise `changes`, or add automation to `trusted-users`.")
        .aggregated_by("actor, and creations or changes")
        .reference("https://attack.mitre.org/techniques/T1485/")
}
