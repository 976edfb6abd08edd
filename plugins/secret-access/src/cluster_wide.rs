//! Lists of the secrets of all namespaces or of a system namespace.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, agent, namespace};

use crate::client;
use crate::request::{SecretRequest, is_release_record};

const FOUND: &str = "CredentialAccess:Kubernetes/ClusterWideSecretList";

const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account used neither kubectl nor a scripting tool such as curl",
);
const RELEASES: SeverityRule =
    SeverityRule::new(LOW, "the request selected only Helm's release records");
const BROWSING: SeverityRule = SeverityRule::new(
    LOW,
    "a person who does not impersonate used kubectl, oc, k9s, Lens, Headlamp, or a browser, and not \
     from a public address",
);
const DISTRIBUTION: SeverityRule = SeverityRule::new(
    LOW,
    "the namespace belongs to a distribution or a cloud, and the user is not a service account",
);

/// Raises a finding if the request listed the secrets of the cluster or of a system namespace.
/// Returns whether it is such a request.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(
    event: AuditEvent<'_>,
    request: &SecretRequest,
    findings: &mut Findings,
) -> Result<bool, DetectError> {
    let is_all = request.is_cluster_wide();
    let is_system = event.verb() != "get"
        && event.name().is_empty()
        && namespace::is_sensitive(event.namespace());
    if !is_all && !is_system {
        return Ok(false);
    }
    let user = event.user();
    let is_release = is_release_record(event);
    let tool = agent::hand_tool(event.user_agent());
    let severity = match user.service_account() {
        // `helm list`.
        _ if is_release && !is_all => return Ok(true),
        _ if is_release => RELEASES.severity,
        Some(_) if tool.is_some() => MEDIUM,
        Some(_) => BY_SERVICE_ACCOUNT.severity,
        None if client::is_person_inside(event) => BROWSING.severity,
        None if is_all || namespace::is_kubernetes(event.namespace()) => MEDIUM,
        None => DISTRIBUTION.severity,
    };
    if severity <= LOW {
        let keep = if user.is_service_account() {
            KNOWN
        } else {
            DAY
        };
        // A list of releases is not one of all secrets.
        let member = format!("{} {is_release}", event.namespace());
        if !Told::by_actor(event, "listed").is_news(&member, severity, keep)? {
            return Ok(true);
        }
    }
    let scope = if is_all {
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
            .dedup_key(format!("{}/{scope}", user.username()))
            .title(format!(
                "Secrets of {scope} were {} by {}",
                if event.verb() == "watch" {
                    "watched"
                } else {
                    "listed"
                },
                user.username()
            )),
    );
    Ok(true)
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, MEDIUM)
        .title("Secrets of the cluster were listed")
        .description(
            "One request returned the secrets of all namespaces, or of a system namespace, with \
             their values: listing secrets means reading them.",
        )
        .technique("T1552.007")
        .remediation(
            "Ask the owner of the account whether this was intended. If not, revoke its \
             credentials and rotate the secrets, beginning with those of service accounts, \
             clouds, and registries. Replace `list` and `watch` on secrets with `get` and \
             `resourceNames` if that is enough.",
        )
        .false_positives(
            "Administrators who browse the secrets of all namespaces from inside the network with \
             kubectl or a console, and `helm list --all-namespaces`: Low, once a day. Kubernetes \
             operators that `operators` does not name: Low, once in 30 days.",
        )
        .severity_rules([BY_SERVICE_ACCOUNT, RELEASES, BROWSING, DISTRIBUTION])
        .tuning(
            "Add your Kubernetes operators to `operators`, and other automation to \
             `trusted-users`.",
        )
        .aggregated_by("actor and namespace")
        .reference(
            "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
        )
}
