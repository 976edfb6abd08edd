//! Secrets that hold a token which never expires.
//!
//! Whoever creates a secret of the type names a service account, and the token controller
//! fills the token in
//! (<https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#token-controller>).
//! Where the audit log has no bodies of secrets, as it should not, that second step still
//! shows: kube-controller-manager updates no other secrets.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::{KNOWN, LOW, privilege};

const FOUND: &str = "Persistence:Kubernetes/LongLivedToken";
const TYPE: &str = "kubernetes.io/service-account-token";
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// Who fills tokens in.
pub const CONTROLLER: &str = "system:kube-controller-manager";

/// How soon the controller fills a token in.
const SOON: Duration = Duration::from_secs(120);

/// Helm's own records.
const RELEASE: &str = "sh.helm.release.";

/// Remembers who made a secret, and raises a finding where its type is known.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if !event.changed_something() || event.name().starts_with(RELEASE) {
        return Ok(());
    }
    let object = event.object_facts();
    let kind = match object.map(|object| object.facts()) {
        Some(Facts::Secret(secret)) => secret.secret_type(),
        _ => "",
    };
    if kind != TYPE {
        // A known type is none of these.
        if event.verb() == "create" && kind.is_empty() && !event.name().is_empty() {
            made(event).observe(event.user().username())?;
        }
        return Ok(());
    }
    // A change of a secret that was there issues nothing.
    if event.code() == Some(200) && event.verb() != "create" {
        return Ok(());
    }
    let account = object
        .and_then(|object| object.annotations().get(ACCOUNT))
        .unwrap_or_default();
    let finding = Finding::new(FOUND)
        .on(event)
        .evidence(event, "requestObject.type", TYPE)
        .evidence(
            event,
            format!("requestObject.metadata.annotations[{ACCOUNT}]"),
            account,
        );
    let privilege = privilege::of_service_account(event, event.namespace(), account);
    let is_robot = event.user().service_account().is_some();
    raise(
        event,
        event.user().username(),
        finding,
        is_robot,
        privilege.as_deref(),
        findings,
    )
}

/// Raises a finding if the token controller filled in a secret that somebody has just made.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn filled_in(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let is_controller =
        event.user().username() == CONTROLLER && event.verb() == "update" && event.succeeded();
    if !is_controller {
        return Ok(());
    }
    let window = made(event);
    let seen = window.observe("")?;
    window.clear()?;
    let Some(maker) = seen.members().iter().find(|member| !member.is_empty()) else {
        return Ok(());
    };
    let finding = Finding::new(FOUND)
        .on(event)
        .events(seen.events().iter().copied())
        .evidence(event, "user.username", event.user().username())
        .evidence(event, "verb", "update")
        .attribute("made-by", maker);
    let is_robot = maker.starts_with("system:serviceaccount:");
    let privilege = privilege::of_service_account(event, event.namespace(), "");
    raise(
        event,
        maker,
        finding,
        is_robot,
        privilege.as_deref(),
        findings,
    )
}

fn made(event: AuditEvent<'_>) -> state::SlidingWindow {
    state::cluster(event)
        .key(format!("made/{}/{}", event.namespace(), event.name()))
        .window(SOON, 2)
}

fn raise(
    event: AuditEvent<'_>,
    maker: &str,
    finding: Finding,
    is_robot: bool,
    privilege: Option<&str>,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    if is_robot
        && !state::cluster(event)
            .key("robots")
            .first_seen(maker, KNOWN)?
    {
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
            .severity(match (is_robot, privilege) {
                (true, _) => LOW,
                (false, Some(_)) => 6.0,
                (false, None) => 5.0,
            })
            .dedup_key(format!("{maker}/{}/{}", event.namespace(), event.name()))
            .title(format!(
                "{maker} made a token that never expires: secret {}/{}",
                event.namespace(),
                event.name()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A token that never expires was made")
        .description(
            "A secret of the type `kubernetes.io/service-account-token` was created. The token in it is \
             valid until the secret or the service account is deleted, and wherever it is taken.",
        )
        .technique("T1098.001")
        .technique("T1136")
        .remediation(
            "Ask what it is for. Delete the secret to revoke the token, and use the TokenRequest API, which \
             gives tokens that expire.",
        )
        .false_positives(
            "Installations that give a token to a system outside (`argocd cluster add`, build services, \
             dashboards). Operators: Low, once in 30 days.",
        )
        .severity_rule("3.0 if a service account made it")
        .severity_rule("6.0 if it is for an account of kube-system or its like, or one known to be an administrator")
        .tuning("Name robots in `trusted-users`.")
        .aggregated_by("actor and secret")
        .reference("https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets")
}
