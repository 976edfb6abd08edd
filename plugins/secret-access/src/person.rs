//! Secrets that people read.
//!
//! A person who reads a secret now and then does ordinary work, and an attacker with the person's
//! credential does the same. The finding is context for others about the same user.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::time::KNOWN;

const FOUND: &str = "CredentialAccess:Kubernetes/SecretReadByPerson";

/// The severity of a list, which reads all secrets of a namespace.
const ALL: f64 = 2.0;
const SINGLE: SeverityRule = SeverityRule::new(1.0, "a single secret was read by name");

/// Raises a finding for the first secret that a person reads in a namespace within 30 days, and for
/// the first list.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    if !user.is_person() {
        return Ok(());
    }
    let (severity, what) = match event.name() {
        "" => (ALL, "All secrets".to_owned()),
        name => (SINGLE.severity, format!("Secret {name}")),
    };
    if !Told::by_actor(event, "by person").is_news(event.namespace(), severity, KNOWN)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::UserAgent)
            .severity(severity)
            .dedup_key(format!("{}/{}", user.username(), event.namespace()))
            .title(format!(
                "{what} of namespace {} read by {}",
                event.namespace(),
                user.username()
            )),
    );
    Ok(())
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, ALL)
        .title("Secrets of a namespace were read by a person")
        .description(
            "A person read a secret, or listed those of a namespace with their values. This is \
             ordinary work, and the first step of an attacker with the person's credential: the \
             finding is context for other findings of the same user.",
        )
        .technique("T1552.007")
        .remediation(
            "If the person should not read secrets of this namespace, remove `get`, `list`, and \
             `watch` on secrets from the person's roles. The view role of Kubernetes does not \
             include them.",
        )
        .false_positives(
            "Developers and administrators at their work. Each is reported once in 30 days for \
             each namespace, and once more for the first list.",
        )
        .severity_rules([SINGLE])
        .tuning("Add users who manage secrets to `trusted-users`, or suppress the type.")
        .aggregated_by("actor and namespace")
        .reference(
            "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        )
}
