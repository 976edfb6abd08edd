//! Secrets that were read by who seldom does, or with what seldom is used for it.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent;
use wardline_sdk::state;

use crate::request::SecretRequest;
use crate::{DAY, KNOWN, LOW, is_release_record};

const OTHER_NAMESPACE: &str = "CredentialAccess:Kubernetes/SecretFromOtherNamespace";
const BY_SCRIPT: &str = "CredentialAccess:Kubernetes/SecretReadByScript";

/// Raises a finding if the request read secrets of another namespace, or with a script.
///
/// # Errors
/// If the host does not keep what is remembered.
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
        (_, None) => Ok(()),
    }
}

fn other_namespace(
    event: AuditEvent<'_>,
    script: Option<&str>,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    let tool = script.unwrap_or_default();
    if !state::actor(event)
        .key("other-namespace")
        .first_seen(tool, if script.is_some() { DAY } else { KNOWN })?
    {
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
            .severity(if script.is_some() { 5.0 } else { LOW })
            .dedup_key(format!("{}/{tool}", user.username()))
            .title(format!(
                "{} read secrets of namespace {}",
                user.username(),
                event.namespace()
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
    let is_grave = is_many && user.is_person();
    let place = state::actor(event).key("script");
    let is_new = if is_grave {
        place.first_seen(&format!("{script} many"), DAY)?
    } else {
        place.first_seen(script, KNOWN)?
    };
    if !is_new {
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
            .severity(if is_grave { 5.0 } else { LOW })
            .dedup_key(format!("{}/{script}/{is_grave}", user.username()))
            .title(format!("{} read secrets with {script}", user.username())),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn other_namespace_type() -> FindingType {
    FindingType::new(OTHER_NAMESPACE, 5.0)
        .title("A workload read secrets of another namespace")
        .description(
            "A service account read secrets outside its own namespace. Workloads get the secrets that they \
             need from the kubelet, in their own namespace.",
        )
        .technique("T1552.007")
        .remediation(
            "See which binding allows it (`authorization.k8s.io/reason`), and take the right away if the \
             workload does not need it. If the token was used by hand, delete the pod that it is bound to.",
        )
        .false_positives("Operators that are not among `operators`: Low, once in 30 days.")
        .severity_rule("3.0 if the account's own program did it, and not curl, Python or their like")
        .tuning("Add your operators to `operators`.")
        .aggregated_by("actor and tool")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/")
}

/// The type, with all that an operator needs to know.
pub fn script_type() -> FindingType {
    FindingType::new(BY_SCRIPT, 5.0)
        .title("Secrets were read with a script")
        .description(
            "Secrets were read with curl, a Python script or another tool that is none of Kubernetes. Who \
             has taken a credential elsewhere uses it with what is at hand there.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account. If they did not do it, revoke the credential, and rotate the \
             secrets in the evidence.",
        )
        .false_positives(
            "Robots that have a person's kind of credential; workloads that read their own secrets with \
             curl: Low, once in 30 days.",
        )
        .severity_rule("3.0 for one secret by name, and for service accounts in their own namespace")
        .tuning("Name robots in `trusted-users`.")
        .aggregated_by("actor, tool, and whether it was many")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}
