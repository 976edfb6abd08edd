//! Tokens of the old kind that are used to get more.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::{KNOWN, LOW};

const FOUND: &str = "CredentialAccess:Kubernetes/LegacyTokenUsed";

/// The API server notes which secret such a token is from (KEP-2799).
const LEGACY: &str = "authentication.k8s.io/legacy-token";
const BY_HAND: &str = "authentication.k8s.io/legacy-token-manual-secret";

/// Raises a finding if a token from a secret is used to get credentials or rights.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some((key, secret)) = [BY_HAND, LEGACY]
        .into_iter()
        .find_map(|key| Some((key, event.annotation(key)?)))
    else {
        return Ok(());
    };
    let is_issuing = event.resource_is("serviceaccounts", "token")
        || event
            .object()
            .is_some_and(|object| !object.api_group().is_empty());
    if !is_issuing
        || !state::actor(event)
            .key("legacy")
            .first_seen(secret, KNOWN)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, format!("annotations[{key}]"), secret)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::RequestUri)
            .dedup_key(event.user().username())
            .title(format!(
                "{} asked for credentials or rights with a token that never expires",
                event.user().username()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, LOW)
        .title("A token that never expires was used to get credentials or rights")
        .description(
            "A request for a token, a certificate or a binding was authenticated by a token from a secret, \
             which does not expire and is bound to no pod.",
        )
        .technique("T1528")
        .remediation("Replace the token by one of the TokenRequest API, and delete the secret.")
        .false_positives("Build services and other systems outside that were set up long ago.")
        .tuning("Name accounts that cannot do without such a token in `trusted-users`.")
        .aggregated_by("actor, once in 30 days")
        .reference("https://github.com/kubernetes/enhancements/issues/2799")
}
