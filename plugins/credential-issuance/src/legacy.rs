//! Non-expiring tokens from secrets that are used to obtain credentials or roles.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::KNOWN;

const FINDING_TYPE: &str = "CredentialAccess:Kubernetes/LegacyTokenUsed";

/// The annotation with the secret of a legacy token, which the API server adds (KEP-2799).
const LEGACY: &str = "authentication.k8s.io/legacy-token";
/// The same annotation for a secret that was created manually.
const MANUAL: &str = "authentication.k8s.io/legacy-token-manual-secret";

/// Raises a finding if a token from a secret is used to obtain credentials or roles.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some((key, secret)) = [MANUAL, LEGACY]
        .into_iter()
        .find_map(|key| Some((key, event.annotation(key)?)))
    else {
        return Ok(());
    };
    let is_issuing = event.resource_is("serviceaccounts", "token")
        || event
            .object()
            .is_some_and(|object| !object.api_group().is_empty());
    if !is_issuing || !Told::by_actor(event, "legacy").is_news(secret, LOW, KNOWN)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, format!("annotations[{key}]"), secret)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::RequestUri)
            .dedup_key(event.user().username())
            .title(format!(
                "Non-expiring token of {} was used to {} {}",
                event.user().username(),
                event.verb(),
                event.resource()
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, LOW)
        .title("A non-expiring token was used to obtain credentials or roles")
        .description(
            "A request for a token, a certificate, or a binding was authenticated by a token from a secret. \
             Such a token does not expire and is bound to no pod, so a stolen copy stays valid.",
        )
        .technique("T1528")
        .remediation("Replace the token with one from the TokenRequest API, and delete the secret.")
        .false_positives("Build services and other external systems that were set up long ago.")
        .tuning("Add accounts that depend on such a token to `trusted-users`.")
        .aggregated_by("actor, once in 30 days per secret")
        .reference("https://github.com/kubernetes/enhancements/issues/2799")
}
