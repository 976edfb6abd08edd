//! Users outside the allow-list of the operator.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::DAY;

const FINDING_TYPE: &str = "Policy:Kubernetes/UnknownUser";

const FAILED: SeverityRule = SeverityRule::new(LOW, "the request was denied or failed");

/// Raises a finding if a person is not among the users that the operator allows.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
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
    {
        return Ok(());
    }
    let severity = if event.succeeded() {
        MEDIUM
    } else {
        FAILED.severity
    };
    if !Told::by_actor(event, "unknown").is_news("", severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Groups)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .severity(severity)
            .dedup_key(user.username())
            .title(format!(
                "Request by {}, a user outside the allow-list",
                user.username()
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("Request by a user outside the allow-list")
        .description(
            "A person authenticated who is not among the users that the operator allows. The rule sees \
             requests that this detector subscribes to: from public addresses, denied requests, \
             impersonation, commands in pods, and changes of roles and bindings. It is off until \
             `allowed-users` is set.",
        )
        .technique("T1078.004")
        .technique("T1136")
        .remediation(
            "Find out who gave the user a credential. Deny its certificate signing requests, remove it from \
             the identity provider, and delete its bindings.",
        )
        .false_positives("New people, and automation with certificates, until they are added to the list.")
        .severity_rules([FAILED])
        .tuning("Add users, or prefixes of their names with `*`, to `allowed-users`.")
        .aggregated_by("actor, once a day")
        .attribute("tactic", "TA0001")
        .reference("https://attack.mitre.org/techniques/T1078/004/")
}
