//! Denied requests for secrets.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, namespace, outcome};
use wardline_sdk::state;

use crate::request::SecretRequest;

const FOUND: &str = "CredentialAccess:Kubernetes/SecretAccessDenied";

const SLIP: SeverityRule = SeverityRule::new(
    1.0,
    "a person was denied a single request, for secrets of an ordinary namespace",
);

/// Raises a finding once a day per actor, and once more for the cluster and for each system
/// namespace. A person mistypes a namespace now and then, so two different denials are needed for
/// more than the least severity. For a service account, and for system namespaces or the whole
/// cluster, one is enough.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    event: AuditEvent<'_>,
    request: &SecretRequest,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // Anonymous requests are the background noise of the internet.
    if user.username().is_empty() || user.is_anonymous() {
        return Ok(());
    }
    let seen = state::actor(event)
        .key("refused")
        .window(window, 10)
        .observe(&request.target)?;
    let is_slip = !user.is_service_account()
        && !request.is_cluster_wide()
        && !namespace::is_sensitive(event.namespace())
        && seen.distinct() < 2;
    // An attempt in one application says nothing about the cluster's own secrets.
    let scope = if request.is_cluster_wide() {
        "*"
    } else if namespace::is_sensitive(event.namespace()) {
        event.namespace()
    } else {
        ""
    };
    let severity = if is_slip {
        SLIP.severity
    } else {
        outcome::ATTEMPT
    };
    if !Told::by_actor(event, "denied").is_news(scope, severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .field(&event, AuditField::UserAgent)
            .severity(severity)
            .dedup_key(user.username())
            .title(format!(
                "{} was denied a request to {} secrets in {}",
                user.username(),
                event.verb(),
                if event.namespace().is_empty() {
                    "all namespaces"
                } else {
                    event.namespace()
                },
            )),
    );
    Ok(())
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, outcome::ATTEMPT)
        .title("Denied requests for secrets")
        .description(
            "A user requested secrets without permission to read them. An attacker who tries a \
             stolen credential causes such denials. Many of them are reported as \
             SecretEnumeration.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account. If it belongs to a workload, either its program lacks \
             a permission that it needs, or another program used the token.",
        )
        .false_positives(
            "People who look into the wrong namespace, and Kubernetes operators without the \
             permissions that they need. Each is reported once a day.",
        )
        .severity_rules([SLIP])
        .tuning("Add accounts that are denied regularly to `trusted-users`.")
        .aggregated_by("actor")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}
