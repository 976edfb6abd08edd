//! Secrets that hold a non-expiring token.
//!
//! A secret of this type names a service account, and the token controller adds the token
//! (<https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller>).
//! If the audit log has no bodies of secrets, as it should not, that second step still shows:
//! kube-controller-manager does not update other secrets.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::state;

use crate::privilege;

const FINDING_TYPE: &str = "Persistence:Kubernetes/LongLivedToken";

const PRIVILEGED: SeverityRule = SeverityRule::new(
    6.0,
    "a person created it for an account in a system namespace, of Argo CD, Flux, Velero, and similar \
     operators, or known to be an administrator",
);
const BY_SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(LOW, "a service account created it");

const SECRET_TYPE: &str = "kubernetes.io/service-account-token";
/// The annotation that names the service account of the token.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// The user name of the token controller.
pub const CONTROLLER: &str = "system:kube-controller-manager";

/// Period after the creation of a secret in which the controller adds the token.
const FILL_WINDOW: Duration = Duration::from_secs(120);

/// Raises a finding for a new secret of the type, and remembers the author if the type is unknown.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !event.changed_something() {
        return Ok(());
    }
    let object = event.object_facts();
    let kind = match object.map(|object| object.facts()) {
        Some(Facts::Secret(secret)) => secret.secret_type(),
        _ => "",
    };
    if kind != SECRET_TYPE {
        if event.verb() == "create" && kind.is_empty() && !event.name().is_empty() {
            authors(event).observe(event.user().username())?;
        }
        return Ok(());
    }
    // A change to an existing secret issues no token.
    if event.code() == Some(200) && event.verb() != "create" {
        return Ok(());
    }
    let account = object
        .and_then(|object| object.annotations().get(ACCOUNT))
        .unwrap_or_default();
    let finding = Finding::new(FINDING_TYPE)
        .on(event)
        .evidence(event, "requestObject.type", SECRET_TYPE)
        .evidence(
            event,
            format!("requestObject.metadata.annotations[{ACCOUNT}]"),
            account,
        );
    let privilege = privilege::of_service_account(event, event.namespace(), account);
    let is_service_account = event.user().is_service_account();
    raise(
        event,
        event.user().username(),
        finding,
        is_service_account,
        privilege.as_deref(),
        findings,
    )
}

/// Raises a finding if the token controller added the token to a secret that was just created.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn filled_in(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let is_controller =
        event.user().username() == CONTROLLER && event.verb() == "update" && event.succeeded();
    if !is_controller {
        return Ok(());
    }
    let window = authors(event);
    let seen = window.observe("")?;
    window.clear()?;
    let Some(author) = seen.members().iter().find(|member| !member.is_empty()) else {
        return Ok(());
    };
    let finding = Finding::new(FINDING_TYPE)
        .on(event)
        .events(seen.events().iter().copied())
        .evidence(event, "user.username", event.user().username())
        .evidence(event, "verb", "update")
        .attribute("made-by", author);
    let is_service_account = author.starts_with("system:serviceaccount:");
    let privilege = privilege::of_service_account(event, event.namespace(), "");
    raise(
        event,
        author,
        finding,
        is_service_account,
        privilege.as_deref(),
        findings,
    )
}

fn authors(event: AuditEvent<'_>) -> state::SlidingWindow {
    state::cluster(event)
        .key(format!("made/{}/{}", event.namespace(), event.name()))
        .window(FILL_WINDOW, 2)
}

fn raise(
    event: AuditEvent<'_>,
    author: &str,
    finding: Finding,
    is_service_account: bool,
    privilege: Option<&str>,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let severity = match (is_service_account, privilege) {
        (true, _) => BY_SERVICE_ACCOUNT.severity,
        (false, Some(_)) => PRIVILEGED.severity,
        (false, None) => MEDIUM,
    };
    if is_service_account && !Told::in_cluster(event, "robots").is_news(author, severity, KNOWN)? {
        return Ok(());
    }
    let mut finding = finding
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name);
    if let Some(reason) = privilege {
        finding = finding.attribute("privileged-by", reason);
    }
    findings.raise(
        finding
            .severity(severity)
            .dedup_key(format!("{author}/{}/{}", event.namespace(), event.name()))
            .title(format!(
                "Non-expiring token secret {}/{} was created by {author}",
                event.namespace(),
                event.name()
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A non-expiring service account token was created")
        .description(
            "A secret of the type `kubernetes.io/service-account-token` was created. The token in it is valid \
             until the secret or the service account is deleted, and from any location, which makes it a \
             convenient backdoor.",
        )
        .technique("T1098.001")
        .technique("T1136")
        .remediation(
            "Ask the author for the purpose. Delete the secret to revoke the token, and use the TokenRequest \
             API, whose tokens expire.",
        )
        .false_positives(
            "Installations that give a token to an external system (`argocd cluster add`, build services, \
             dashboards). Kubernetes operators: Low, once in 30 days.",
        )
        .severity_rules([PRIVILEGED, BY_SERVICE_ACCOUNT])
        .tuning("Add automation accounts to `trusted-users`.")
        .aggregated_by("actor and secret")
        .reference("https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets")
}
