//! Tokens that are asked for by somebody else than the kubelet of a pod.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{agent, outcome};
use wardline_sdk::state;
use wardline_sdk::view::TokenRequest;

use crate::{KNOWN, LOW, privilege};

const FOUND: &str = "CredentialAccess:Kubernetes/TokenRequest";

/// Raises a finding if somebody other than a kubelet takes a token.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    lifetime: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // Kubelets ask for the tokens of their pods; with a tool it is `credential-misuse`.
    if user.node().is_some() || user.is_anonymous() || user.username().is_empty() {
        return Ok(());
    }
    let (namespace, name) = (event.namespace(), event.name());
    let request = match event.facts() {
        Facts::TokenRequest(request) => Some(request),
        _ => None,
    };
    let is_robot = user.service_account().is_some();
    let by_hand = !is_robot || agent::script(event.user_agent()).is_some();
    let privilege = privilege::of_service_account(event, namespace, name);
    let is_long = request
        .as_ref()
        .is_some_and(|request| request.expiration() > lifetime);
    let severity = if by_hand && (privilege.is_some() || is_long) {
        5.0
    } else {
        LOW
    };
    let severity = outcome::severity(event, severity);
    let target = format!("{namespace}/{name}");
    if severity <= LOW
        && !state::actor(event).key("tokens").first_seen(
            // Operators ask for those of whoever they work for.
            if is_robot { "" } else { &target },
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
                "{} {} a token of service account {target}",
                user.username(),
                outcome::did(event, "took", "take")
            )),
    );
    Ok(())
}

fn cited(
    event: AuditEvent<'_>,
    request: Option<&TokenRequest<'_>>,
    privilege: Option<&str>,
) -> Finding {
    let mut finding = Finding::new(FOUND)
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
    // Names the token in every request that is made with it.
    const ISSUED: &str = "authentication.kubernetes.io/issued-credential-id";
    if let Some(id) = event.annotation(ISSUED) {
        finding = finding.evidence(event, format!("annotations[{ISSUED}]"), id);
    }
    match privilege {
        Some(reason) => finding.attribute("privileged-by", reason),
        None => finding,
    }
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("Somebody took a token of a service account")
        .description(
            "A token was requested for a service account by somebody else than the kubelet of one of its \
             pods. Whoever has it acts as that account until it expires; there is no list of such tokens.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Ask for the reason. A token that is bound to nothing cannot be revoked: delete the service \
             account and make it anew, or take its rights away. Look for requests with the credential id in \
             the evidence. Take `create` on `serviceaccounts/token` from roles that do not need it.",
        )
        .false_positives(
            "People who take a token to log in to a dashboard. Operators (Vault, external-secrets, \
             cert-manager) that act for other accounts: Low, once in 30 days.",
        )
        .severity_rule("3.0 if the account is none of kube-system or its like or of Argo CD, Flux, Velero and their like, is not known to be an administrator, and the token is asked for no longer than `lifetime`")
        .severity_rule("3.0 if a service account asks with its own program, or it was refused")
        .tuning("Raise `lifetime`, or name robots in `trusted-users`.")
        .aggregated_by("actor and service account")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request")
}
