//! Token requests by identities other than the kubelet of a pod.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Told, agent, outcome};
use wardline_sdk::view::TokenRequest;

use crate::privilege;

const FINDING_TYPE: &str = "CredentialAccess:Kubernetes/TokenRequest";

const ORDINARY: SeverityRule = SeverityRule::new(
    LOW,
    "the token is valid no longer than `lifetime`, and the account is not in a system namespace, of \
     Argo CD, Flux, Velero, and similar operators, or known to be an administrator",
);
const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a service account requested it, unless with curl, Python, or a similar tool, or with kubectl for \
     an account of the last rule",
);

/// Raises a finding if an identity other than a kubelet requests a token.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(
    event: AuditEvent<'_>,
    lifetime: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // Kubelets request the tokens of their pods; `credential-misuse` reports their use by hand.
    if user.is_kubelet() || user.is_anonymous() || user.username().is_empty() {
        return Ok(());
    }
    let (namespace, name) = (event.namespace(), event.name());
    let request = match event.facts() {
        Facts::TokenRequest(request) => Some(request),
        _ => None,
    };
    let is_service_account = user.is_service_account();
    let by_script = !is_service_account || agent::script(event.user_agent()).is_some();
    // Pipelines use kubectl, but have no business with the accounts of administrators.
    let is_kubectl = agent::is_kubectl(event.user_agent());
    let privilege = privilege::of_service_account(event, namespace, name);
    let is_long = request
        .as_ref()
        .is_some_and(|request| request.expiration() > lifetime);
    let is_by_hand = by_script || (is_kubectl && privilege.is_some());
    let severity = if !is_by_hand {
        BY_SERVICE_ACCOUNT.severity
    } else if privilege.is_some() || is_long {
        MEDIUM
    } else {
        ORDINARY.severity
    };
    let severity = outcome::severity(event, severity);
    let target = format!("{namespace}/{name}");
    if severity <= LOW
        && !Told::by_actor(event, "tokens").is_news(
            // Kubernetes operators request tokens for many accounts.
            if is_service_account { "" } else { &target },
            severity,
            KNOWN,
        )?
    {
        return Ok(());
    }
    findings.raise(
        cited(event, request.as_ref(), privilege.as_deref())
            .severity(severity)
            .dedup_key(format!("{}/{target}", user.username()))
            .title(format!(
                "Token request for service account {target} by {}{}",
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

fn cited(
    event: AuditEvent<'_>,
    request: Option<&TokenRequest<'_>>,
    privilege: Option<&str>,
) -> Finding {
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Code);
    if let Some(request) = request {
        finding = finding
            .evidence(
                event,
                "requestObject.spec.expirationSeconds",
                request.expiration().as_secs(),
            )
            .evidence(
                event,
                "requestObject.spec.audiences",
                request.audiences().join(", "),
            );
    }
    // Identifies the token in every request that is made with it.
    const ISSUED: &str = "authentication.kubernetes.io/issued-credential-id";
    if let Some(id) = event.annotation(ISSUED) {
        finding = finding.evidence(event, format!("annotations[{ISSUED}]"), id);
    }
    match privilege {
        Some(reason) => finding.attribute("privileged-by", reason),
        None => finding,
    }
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A service account token was requested by another identity")
        .description(
            "A token for a service account was requested by an identity other than the kubelet of one of its \
             pods. Its holder acts as the account until the token expires, and Kubernetes keeps no list of \
             such tokens.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Ask the actor for the reason. Search the audit log for the credential id in the evidence. A \
             token that is bound to no object cannot be revoked: delete and recreate the service account, \
             or remove its permissions. Remove `create` on `serviceaccounts/token` from roles that do not \
             need it.",
        )
        .false_positives(
            "People who request a token to log in to a dashboard. Kubernetes operators (Vault, \
             external-secrets, cert-manager) that act for other accounts: Low, once in 30 days.",
        )
        .severity_rules([ORDINARY, BY_SERVICE_ACCOUNT, outcome::ATTEMPTED])
        .tuning("Raise `lifetime`, or add automation accounts to `trusted-users`.")
        .aggregated_by("actor and service account")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request")
}
