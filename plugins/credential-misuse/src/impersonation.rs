//! Impersonation of privileged identities.
//!
//! Gateways (Rancher, Teleport, Pinniped, OAuth proxies) impersonate people all day, and
//! administrators test the permissions of others. Only targets with more privileges are reported.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, agent, outcome};
use wardline_sdk::view::User;

const FINDING_TYPE: &str = "PrivilegeEscalation:Kubernetes/Impersonation";

/// The severity of impersonating a component, or of a user who thereby becomes an administrator.
const PRIVILEGED: f64 = 6.0;
const GATEWAY: SeverityRule = SeverityRule::new(
    LOW,
    "a service account impersonates a person and adds a group of administrators or nodes",
);
const SERVICE_ACCOUNT: SeverityRule = SeverityRule::new(
    LOW,
    "a person impersonates a service account outside kube-system, or a service account one in \
     kube-system",
);

/// Groups of administrators and of nodes
/// (<https://kubernetes.io/docs/setup/best-practices/certificates/#configure-certificates-for-user-accounts>).
const GROUPS: [&str; 3] = ["system:masters", "kubeadm:cluster-admins", "system:nodes"];

/// User names that installers give to administrators.
const NAMES: [&str; 6] = [
    "admin",
    "cluster-admin",
    "kube-admin",
    "kubernetes-admin",
    "kubernetes-super-admin",
    "system:admin",
];

/// Raises a finding if a user impersonates a privileged identity, or tries to.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(target) = event.impersonated_user() else {
        return denied(event, findings);
    };
    // `kubectl auth can-i --as`.
    if event.resource().ends_with("reviews") {
        return Ok(());
    }
    let is_program = user.is_service_account() && agent::hand_tool(event.user_agent()).is_none();
    let severity = match (privilege(target), user.is_service_account()) {
        (Privilege::Component, _)
        | (Privilege::SystemAccount | Privilege::Administrator, false) => PRIVILEGED,
        // Gateways add the group to administrators who keep their own user name.
        (Privilege::Administrator, true) if NAMES.contains(&target.username()) => PRIVILEGED,
        (Privilege::Administrator, true) => GATEWAY.severity,
        (Privilege::SystemAccount, true) if !is_program => PRIVILEGED,
        // Flux and Argo CD impersonate the service account that they are configured with, with
        // their own programs.
        (Privilege::ServiceAccount, true) if !is_program => SERVICE_ACCOUNT.severity,
        (Privilege::SystemAccount, true) | (Privilege::ServiceAccount, false) => {
            SERVICE_ACCOUNT.severity
        }
        (Privilege::ServiceAccount, true) | (Privilege::Other, _) => return Ok(()),
    };
    let severity = outcome::severity(event, severity);
    let key = format!("{}/{}", user.username(), target.username());
    if severity <= LOW
        && !Told::by_actor(event, "impersonated").is_news(target.username(), severity, DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::ImpersonatedUsername)
            .evidence(event, "impersonatedUser.groups", target.groups().join(", "))
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(key)
            .title(format!(
                "Impersonation of {}{} by {}{}",
                target.username(),
                if target.is_master() {
                    " (system:masters)"
                } else {
                    ""
                },
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

/// Judges a denied impersonation, which shows its target only in the message of the response; that
/// names the verb `impersonate` (`impersonate-on:...` with constrained impersonation, KEP-5284).
fn denied(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(response) = event.response().filter(|_| event.denied()) else {
        return Ok(());
    };
    let message = response.message();
    if !message.contains("cannot impersonate")
        || !Told::by_actor(event, "refused-impersonation").is_news(
            message,
            outcome::ATTEMPT,
            DAY,
        )?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, "responseStatus.message", message)
            .field(&event, AuditField::RequestUri)
            .severity(outcome::ATTEMPTED)
            .dedup_key(format!("{}/refused", event.user().username()))
            .title(format!(
                "{} was denied an impersonation",
                event.user().username()
            )),
    );
    Ok(())
}

/// The privilege of an impersonated identity.
enum Privilege {
    Administrator,
    Component,
    /// A service account of kube-system.
    SystemAccount,
    ServiceAccount,
    Other,
}

fn privilege(target: User<'_>) -> Privilege {
    if NAMES.contains(&target.username()) || GROUPS.iter().any(|group| target.in_group(group)) {
        return Privilege::Administrator;
    }
    match target.service_account() {
        Some(("kube-system", _)) => Privilege::SystemAccount,
        Some(_) => Privilege::ServiceAccount,
        None if target.username().starts_with("system:") && !target.is_anonymous() => {
            Privilege::Component
        }
        None => Privilege::Other,
    }
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, PRIVILEGED)
        .title("A privileged identity was impersonated")
        .description(
            "A request was made in the name of an administrator, a component of the cluster, or a service \
             account by a user who is a different identity. The verb `impersonate` gives a user all \
             permissions of the target, and hides the user behind its name.",
        )
        .technique("T1134")
        .technique("T1078.004")
        .remediation(
            "Ask the authenticated user (`user.username`) for the reason. Remove `impersonate` from roles \
             that do not need it, or restrict it by `resourceNames` to the intended users and groups.",
        )
        .false_positives(
            "Administrators whose own user has few permissions and who impersonate `system:masters` when \
             they need it. Gateways that add the group to people are service accounts, and rated Low.",
        )
        .severity_rules([GATEWAY, SERVICE_ACCOUNT, outcome::ATTEMPTED])
        .tuning("Add gateways, and people who are meant to impersonate, to `trusted-users`.")
        .aggregated_by("actor and impersonated user")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation")
}
