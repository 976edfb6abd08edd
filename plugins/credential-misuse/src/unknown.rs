//! People that the operator has not named.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;
use wardline_sdk::state;

use crate::{DAY, LOW};

const FOUND: &str = "Policy:Kubernetes/UnknownUser";

/// Raises a finding if somebody is not among the users that the operator allows.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    allowed: &Patterns,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    if allowed.is_empty()
        || !user.is_person()
        || event.code() == Some(401)
        || allowed.matches(user.username())
        || !state::actor(event).key("unknown").first_seen("", DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Groups)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .severity(if event.succeeded() { 5.0 } else { LOW })
            .dedup_key(user.username())
            .title(format!(
                "{} is none of the users that are allowed here",
                user.username()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A user that nobody named")
        .description(
            "Somebody authenticated who is not among the users that the operator allows. Looked for where \
             the detector looks: requests from public addresses, refused ones, impersonation, commands in \
             pods, and changes of roles and bindings. Off until `allowed-users` is set.",
        )
        .technique("T1078.004")
        .technique("T1136")
        .remediation(
            "Ask who gave the user a credential. Deny its certificate signing requests, remove it from the \
             identity provider, and delete its bindings.",
        )
        .false_positives("New people, and robots with certificates, until they are added to the list.")
        .severity_rule("3.0 if the request was refused")
        .tuning("Add users, or beginnings of their names with `*`, to `allowed-users`.")
        .aggregated_by("actor, once a day")
        .attribute("tactic", "TA0001")
        .reference("https://attack.mitre.org/techniques/T1078/004/")
}
