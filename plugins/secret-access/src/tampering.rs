//! Many secrets that one person changed.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::{LOW, is_release_record};

const FOUND: &str = "Impact:Kubernetes/SecretsTampered";

/// Robots that keep secrets are service accounts; who changes many by hand is seldom meant to.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    least: u32,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let changed = event.changed_something();
    if !changed || !event.user().is_person() || is_release_record(event) {
        return Ok(());
    }
    let verb = event.verb();
    let target = match event.name() {
        "" => format!("{}/*", event.namespace()),
        name => format!("{}/{name}", event.namespace()),
    };
    let is_all = verb == "deletecollection";
    let (key, severity) = if verb == "create" {
        ("created", LOW)
    } else {
        ("changed", 5.0)
    };
    let changes = state::actor(event)
        .key(key)
        .window(window, least.saturating_mul(10));
    let seen = changes.observe(&format!("{verb} {target}"))?;
    if seen.distinct() < least && !is_all {
        return Ok(());
    }
    changes.clear()?;
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
                format!("{username} deleted all secrets of {}", event.namespace())
            } else {
                format!(
                    "{username} {key}{} {} different secrets",
                    if verb == "create" { "" } else { " or deleted" },
                    seen.distinct()
                )
            }),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("Many secrets were changed by hand")
        .description(
            "A person changed or deleted many secrets in a short time. That stops what depends on them, or \
             lets it talk to somebody else.",
        )
        .technique("T1485")
        .technique("T1565.001")
        .remediation(
            "Ask whether it was a planned rotation or removal. If not, revoke the account's credentials, and \
             restore the secrets from where they are kept or from a backup.",
        )
        .false_positives(
            "Rotation by hand, and Terraform or Pulumi with a person's credential when they take an \
             environment down.",
        )
        .severity_rule("3.0 if they were created only")
        .tuning("Raise `changes`, or name robots in `trusted-users`.")
        .aggregated_by("actor, and whether they were created only")
        .reference("https://attack.mitre.org/techniques/T1485/")
}
