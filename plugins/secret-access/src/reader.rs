//! Secrets that are read from another namespace or with an unusual tool.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, agent};
use wardline_sdk::state;

use crate::person;
use crate::request::{SecretRequest, is_release_record};

const OTHER_NAMESPACE: &str = "CredentialAccess:Kubernetes/SecretFromOtherNamespace";
const BY_SCRIPT: &str = "CredentialAccess:Kubernetes/SecretReadByScript";

const NO_SCRIPT: SeverityRule = SeverityRule::new(
    LOW,
    "the user agent is not that of a scripting tool such as curl or Python",
);

// The rules of `BY_SCRIPT`.
const SINGLE: SeverityRule =
    SeverityRule::new(LOW, "a single secret was read by name within `window`");
const OWN_NAMESPACE: SeverityRule =
    SeverityRule::new(LOW, "a service account read secrets of its own namespace");

/// Raises a finding if the request read secrets of another namespace or with a scripting tool.
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
    if user.is_anonymous() || is_release_record(event) {
        return Ok(());
    }
    let script = agent::script(event.user_agent());
    match (user.service_account(), script) {
        (Some((namespace, _)), script) if namespace != event.namespace() => {
            other_namespace(event, script, findings)
        }
        (_, Some(script)) => by_script(event, request, script, window, findings),
        (_, None) => person::judge(event, findings),
    }
}

fn other_namespace(
    event: AuditEvent<'_>,
    script: Option<&str>,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    let tool = script.unwrap_or_default();
    let (severity, keep) = match script {
        Some(_) => (MEDIUM, DAY),
        None => (NO_SCRIPT.severity, KNOWN),
    };
    if !Told::by_actor(event, "other-namespace").is_news(event.namespace(), severity, keep)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(OTHER_NAMESPACE)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Namespace)
            .field(&event, AuditField::Name)
            .field(&event, AuditField::UserAgent)
            .severity(severity)
            .dedup_key(format!("{}/{tool}", user.username()))
            .title(format!(
                "Secrets of namespace {} were read by {}",
                event.namespace(),
                user.username()
            )),
    );
    Ok(())
}

fn by_script(
    event: AuditEvent<'_>,
    request: &SecretRequest,
    script: &str,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    let seen = state::actor(event)
        .key("by-script")
        .window(window, 50)
        .observe(&request.target)?;
    let is_many = seen.distinct() >= 2 || event.verb() != "get";
    let is_burst = is_many && user.is_person();
    let (severity, keep) = if is_burst {
        (MEDIUM, DAY)
    } else if user.is_person() {
        (SINGLE.severity, KNOWN)
    } else {
        (OWN_NAMESPACE.severity, KNOWN)
    };
    if !Told::by_actor(event, "script").is_news(script, severity, keep)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(BY_SCRIPT)
            .on(event)
            .events(seen.events().iter().copied())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::SourceIps)
            .evidence(event, "objectRef.namespace/name", seen.members().join(", "))
            .severity(severity)
            .dedup_key(format!("{}/{script}/{is_burst}", user.username()))
            .title(format!(
                "Secrets were read with {script} by {}",
                user.username()
            )),
    );
    Ok(())
}

/// Returns the finding type.
pub fn other_namespace_type() -> FindingType {
    FindingType::new(OTHER_NAMESPACE, MEDIUM)
        .title("Secrets of another namespace were read by a service account")
        .description(
            "A service account read secrets outside of its own namespace. Workloads get the \
             secrets that they need from the kubelet, in their own namespace, so an attacker may \
             be using the token.",
        )
        .technique("T1552.007")
        .remediation(
            "Find out which binding allows it (`authorization.k8s.io/reason`), and remove the \
             permission if the workload does not need it. If the token was used by hand, delete \
             the pod that it is bound to.",
        )
        .false_positives(
            "Kubernetes operators that `operators` does not name: Low, once in 30 days and namespace.",
        )
        .severity_rules([NO_SCRIPT])
        .tuning("Add your Kubernetes operators to `operators`.")
        .aggregated_by("actor and tool")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/")
}

/// Returns the finding type.
pub fn script_type() -> FindingType {
    FindingType::new(BY_SCRIPT, MEDIUM)
        .title("Secrets were read with a scripting tool")
        .description(
            "Secrets were read with curl, a Python script, or another tool that does not belong \
             to Kubernetes. An attacker who uses a stolen credential elsewhere often has only \
             such tools at hand.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account. If the owner did not do it, revoke the credential, and \
             rotate the secrets in the evidence.",
        )
        .false_positives(
            "Automation with a person's kind of credential, and workloads that read their own \
             secrets with curl (Low, once in 30 days).",
        )
        .severity_rules([SINGLE, OWN_NAMESPACE])
        .tuning("Add automation to `trusted-users`.")
        .aggregated_by("actor, tool, and single or many")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}
