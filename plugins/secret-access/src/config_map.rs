//! Credentials where everybody reads: in config maps.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::pattern::{self, Credential};
use crate::{DAY, LOW};

const FOUND: &str = "CredentialAccess:Kubernetes/ConfigMapWithCredentials";

/// How many entries a finding names.
const NAMED: usize = 10;

/// Raises a finding if a config map was written with credentials.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !event.changed_something() {
        return Ok(());
    }
    let (object, place) = match (event.requested(), event.resulting()) {
        (Some(requested), _) if is_config_map(requested.facts()) => (requested, "requestObject"),
        (_, Some(resulting)) => (resulting, "responseObject"),
        _ => return Ok(()),
    };
    let Facts::ConfigMap(config) = object.facts() else {
        return Ok(());
    };
    let found: Vec<(String, Credential)> = config
        .data()
        .filter_map(|entry| {
            let credential = pattern::find(entry.key(), entry.value())?;
            Some((format!("{place}.data[{}]", entry.key()), credential))
        })
        .take(NAMED)
        .collect();
    let is_key = found.iter().any(|(_, credential)| credential.is_key);
    let name = format!("{}/{}", event.namespace(), event.name());
    if found.is_empty()
        || !state::actor(event)
            .key("config-map")
            .first_seen(&format!("{name}/{is_key}"), DAY)?
    {
        return Ok(());
    }
    // The value itself would be a credential in a finding.
    let evidence = found
        .iter()
        .map(|(field, credential)| (field.clone(), format!("[{}]", credential.what)));
    let is_person = event.user().service_account().is_none();
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .evidence_if_any(event, evidence)
            .map(|finding| {
                finding
                    .field(&event, AuditField::Username)
                    .severity(if is_key && is_person { 5.0 } else { LOW })
                    .dedup_key(name.clone())
                    .title(format!(
                        "{} put {} into ConfigMap {name}",
                        event.user().username(),
                        found
                            .first()
                            .map_or("a credential", |(_, credential)| credential.what)
                    ))
            }),
    );
    Ok(())
}

fn is_config_map(facts: Facts<'_>) -> bool {
    matches!(facts, Facts::ConfigMap(_))
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A config map holds credentials")
        .description(
            "A config map was written with what looks like a private key, a token or a password. Config \
             maps are read by many, are not encrypted at rest as secrets may be, and stand in audit logs.",
        )
        .technique("T1552.007")
        .technique("T1552.001")
        .remediation(
            "Put the value into a secret and mount that. Replace the credential: it has been readable, and \
             is in this log.",
        )
        .false_positives(
            "Keys for tests, and passwords that are none (placeholders, names of fields). What a Helm chart \
             or an operator writes is rated Low.",
        )
        .severity_rule("3.0 for passwords, and for whatever a service account writes")
        .tuning("Name those who write such maps on purpose in `trusted-users`.")
        .aggregated_by("config map")
        .reference("https://kubernetes.io/docs/concepts/configuration/configmap/")
}
