//! Credentials that are written to config maps.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Requester, Told};

use crate::pattern::{self, Credential};

const FOUND: &str = "CredentialAccess:Kubernetes/ConfigMapWithCredentials";

const ORDINARY: SeverityRule = SeverityRule::new(
    LOW,
    "the value is a password or the id of an AWS key, or a service account wrote it",
);

/// Maximum number of entries that a finding names.
const MAX_ENTRIES: usize = 10;

/// Raises a finding if a config map was written with credentials.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !event.changed_something() {
        return Ok(());
    }
    let (object, body) = match (event.requested(), event.resulting()) {
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
            Some((format!("{body}.data[{}]", entry.key()), credential))
        })
        .take(MAX_ENTRIES)
        .collect();
    let is_key = found.iter().any(|(_, credential)| credential.is_key);
    let Some((_, first)) = found.first() else {
        return Ok(());
    };
    let name = format!("{}/{}", event.namespace(), event.name());
    let severity = if is_key && !Requester::is_program(event) {
        MEDIUM
    } else {
        ORDINARY.severity
    };
    let member = format!("{name}/{}", first.name);
    if !Told::by_actor(event, "config-map").is_news(&member, severity, DAY)? {
        return Ok(());
    }
    let first = first.name;
    // The value itself would put the credential into the finding.
    let evidence = found
        .iter()
        .map(|(field, credential)| (field.clone(), format!("[{}]", credential.name)));
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .evidence_if_any(event, evidence)
            .map(|finding| {
                finding
                    .field(&event, AuditField::Username)
                    .severity(severity)
                    .dedup_key(name.clone())
                    .title(format!(
                        "ConfigMap {name} was written with {first} by {}",
                        event.user().username()
                    ))
            }),
    );
    Ok(())
}

fn is_config_map(facts: Facts<'_>) -> bool {
    matches!(facts, Facts::ConfigMap(_))
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, MEDIUM)
        .title("A ConfigMap was written with credentials")
        .description(
            "A ConfigMap was written with a value that looks like a private key, a token, or a \
             password. Many users can read ConfigMaps, they are not encrypted at rest as secrets \
             may be, and audit logs contain their values.",
        )
        .technique("T1552.007")
        .technique("T1552.001")
        .remediation(
            "Move the value to a secret and mount that. Replace the credential: it has been \
             readable, and the audit log contains it.",
        )
        .false_positives(
            "Test keys, and values that only look like passwords (placeholders, field names). \
             Values that a Helm chart or a Kubernetes operator writes are rated Low if a service \
             account writes them.",
        )
        .severity_rules([ORDINARY])
        .tuning("Add users who write such ConfigMaps on purpose to `trusted-users`.")
        .aggregated_by("ConfigMap")
        .reference("https://kubernetes.io/docs/concepts/configuration/configmap/")
}
