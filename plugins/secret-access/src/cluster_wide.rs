//! The secrets of all namespaces, or of kube-system, at once.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{agent, namespace};
use wardline_sdk::state;

use crate::client;
use crate::request::SecretRequest;
use crate::{DAY, KNOWN, LOW, is_release_record};

const FOUND: &str = "CredentialAccess:Kubernetes/ClusterWideSecretList";

/// Raises a finding if the request took the secrets of the cluster or of a namespace of the
/// cluster's own, and says whether it is such a request.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let is_all = request.takes_all();
    let is_of_system = event.verb() != "get"
        && event.name().is_empty()
        && namespace::is_sensitive(event.namespace());
    if !is_all && !is_of_system {
        return Ok(false);
    }
    let user = event.user();
    let is_release = is_release_record(event);
    let tool = agent::hand_tool(event.user_agent());
    let severity = match user.service_account() {
        // `helm list`.
        _ if is_release && !is_all => return Ok(true),
        _ if is_release => LOW,
        Some(_) if tool.is_some() => 5.0,
        Some(_) => LOW,
        None if client::is_person_inside(event) => LOW,
        None if is_all || namespace::is_kubernetes(event.namespace()) => 5.0,
        None => LOW,
    };
    if severity <= LOW {
        let keep = if user.service_account().is_some() {
            KNOWN
        } else {
            DAY
        };
        if !state::actor(event)
            .key("listed")
            .first_seen(event.namespace(), keep)?
        {
            return Ok(true);
        }
    }
    let what = if is_all {
        "all namespaces"
    } else {
        event.namespace()
    };
    let mut finding = Finding::new(FOUND)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code)
        .field(&event, AuditField::UserAgent);
    if let Some(reason) = event.annotation("authorization.k8s.io/reason") {
        finding = finding.evidence(event, "annotations[authorization.k8s.io/reason]", reason);
    }
    findings.raise(
        finding
            .severity(severity)
            .dedup_key(format!("{}/{what}", user.username()))
            .title(format!(
                "{} {} the secrets of {what}",
                user.username(),
                if event.verb() == "watch" {
                    "watches"
                } else {
                    "listed"
                }
            )),
    );
    Ok(true)
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("The secrets of the cluster were listed")
        .description(
            "One request took the secrets of all namespaces, or of one that runs the cluster, with their \
             values: to list secrets is to read them.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account whether this was intended. If not, revoke its credentials and \
             rotate the secrets, beginning with those of service accounts, clouds and registries. Replace \
             `list` and `watch` on secrets by `get` with `resourceNames` where that is enough.",
        )
        .false_positives(
            "Administrators who look at the secrets of all namespaces: with kubectl or a console, and from \
             inside, Low, once a day. Operators that are not among \
             `operators`: Low, once in 30 days. `helm list --all-namespaces`: Low, once a day.",
        )
        .severity_rule("3.0 if a service account did it with its own program, or it asked for Helm's records only")
        .severity_rule(
            "3.0 if a person did it, in the own name, from no public address with a client that shows objects to people: \
             kubectl, oc, k9s, Lens, Headlamp, a browser",
        )
        .severity_rule("3.0 for the namespaces of a distribution or a cloud")
        .tuning("Add your operators to `operators`, and robots with users of their own to `trusted-users`.")
        .aggregated_by("actor and namespace")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets")
}
