//! Many secrets, one after the other.
//!
//! One secret is what a normal request reads. Who does not know what there is, lists
//! namespaces one after the other, or guesses names (ATT&CK T1552.007).

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::request::{Answer, SecretRequest};
use crate::{KNOWN, LOW, SecretAccess};

const ENUMERATION: &str = "CredentialAccess:Kubernetes/SecretEnumeration";

/// Counts what an account asked for, and raises a finding if it is much.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn count(
    detector: &SecretAccess,
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let is_service_account = event.user().service_account().is_some();
    let given = request.answer == Answer::Given;
    let (key, least) = if given {
        ("reads", detector.reads)
    } else {
        ("denials", detector.denials)
    };
    // What a service account has read once is its own: operators read many when they start.
    if given
        && is_service_account
        && !state::actor(event)
            .key("known")
            .first_seen(&request.target, KNOWN)?
    {
        return Ok(());
    }
    let window = state::actor(event)
        .key(key)
        .window(detector.window, least.saturating_mul(10));
    let seen = window.observe(&request.target)?;
    if seen.distinct() < least {
        return Ok(());
    }
    window.clear()?;
    let mut finding = Finding::new(ENUMERATION)
        .on(event)
        .events(seen.events().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Code)
        .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
        .attribute("distinct", seen.distinct())
        .dedup_key(format!("{}/{key}", event.user().username()))
        .title(format!(
            "{} {} {} different secrets or namespaces of secrets",
            event.user().username(),
            if given { "read" } else { "was refused" },
            seen.distinct()
        ));
    if given && is_service_account {
        finding = finding.severity(LOW);
    }
    findings.raise(finding);
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(ENUMERATION, 5.0)
        .title("Many secrets were read or asked for")
        .description(
            "One account went through secrets one after the other. Secrets hold the credentials of \
             everything that runs here.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account whether this was intended. If not, revoke its credentials \
             (delete the pod that a token is bound to, or the certificate's bindings), rotate every \
             secret in the evidence that was read, and give the account `get` by `resourceNames` \
             instead of `list`.",
        )
        .false_positives(
            "Backup, secret synchronisation and GitOps operators when they start: they are rated Low, \
             and what they have read once is theirs for 30 days.",
        )
        .severity_rule("3.0 if a service account read them")
        .tuning("Raise `reads` and `denials`, shorten `window`, or name robots in `trusted-users`.")
        .aggregated_by("actor, and whether it was refused")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets")
}
