//! Requests in the name of somebody with more rights.
//!
//! Gateways (Rancher, Teleport, Pinniped, OAuth proxies) impersonate people all day, and
//! administrators try out what others may do. What matters is a name that stands above.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;
use wardline_sdk::view::User;

use crate::{DAY, LOW};

const FOUND: &str = "PrivilegeEscalation:Kubernetes/Impersonation";

/// Groups that hold all rights
/// (<https://kubernetes.io/docs/setup/best-practices/certificates/#configure-certificates-for-user-accounts>).
const GROUPS: [&str; 3] = ["system:masters", "kubeadm:cluster-admins", "system:nodes"];

/// Names that installers give to administrators.
const NAMES: [&str; 6] = [
    "admin",
    "cluster-admin",
    "kube-admin",
    "kubernetes-admin",
    "kubernetes-super-admin",
    "system:admin",
];

/// Raises a finding if somebody acts, or tries to act, as an identity that stands above.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(target) = event.impersonated_user() else {
        return refused(event, findings);
    };
    // `kubectl auth can-i --as`.
    if event.resource().ends_with("reviews") {
        return Ok(());
    }
    let severity = match (standing(target), user.service_account().is_some()) {
        (Standing::Component, _) | (Standing::ClusterAccount | Standing::Administrator, false) => {
            6.0
        }
        // Gateways give their administrators the group under their own names.
        (Standing::Administrator, true) if NAMES.contains(&target.username()) => 6.0,
        (Standing::Administrator, true) => LOW,
        // Flux and Argo CD act as the service account that they were told to.
        (Standing::ClusterAccount, true) | (Standing::ServiceAccount, false) => LOW,
        (Standing::ServiceAccount, true) | (Standing::Other, _) => return Ok(()),
    };
    let severity = outcome::severity(event, severity);
    let key = format!("{}/{}", user.username(), target.username());
    if severity <= LOW
        && !state::actor(event)
            .key("impersonated")
            .first_seen(target.username(), DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
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
                "{} {} as {}{}",
                user.username(),
                outcome::did(event, "acted", "act"),
                target.username(),
                if target.is_master() {
                    " of system:masters"
                } else {
                    ""
                }
            )),
    );
    Ok(())
}

/// A refused impersonation names nobody but in the message of the refusal, which calls the
/// verb `impersonate` (and `impersonate-on:...` with constrained impersonation, KEP-5284).
fn refused(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(response) = event.response().filter(|_| event.denied()) else {
        return Ok(());
    };
    let message = response.message();
    if !message.contains("cannot impersonate")
        || !state::actor(event)
            .key("refused-impersonation")
            .first_seen(message, DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, "responseStatus.message", message)
            .field(&event, AuditField::RequestUri)
            .severity(outcome::ATTEMPT)
            .dedup_key(format!("{}/refused", event.user().username()))
            .title(format!(
                "{} tried to act as somebody else",
                event.user().username()
            )),
    );
    Ok(())
}

enum Standing {
    Administrator,
    Component,
    /// A service account of kube-system.
    ClusterAccount,
    ServiceAccount,
    Other,
}

fn standing(target: User<'_>) -> Standing {
    if NAMES.contains(&target.username()) || GROUPS.iter().any(|group| target.in_group(group)) {
        return Standing::Administrator;
    }
    match target.service_account() {
        Some(("kube-system", _)) => Standing::ClusterAccount,
        Some(_) => Standing::ServiceAccount,
        None if target.username().starts_with("system:") && !target.is_anonymous() => {
            Standing::Component
        }
        None => Standing::Other,
    }
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 6.0)
        .title("Somebody acted in the name of a privileged identity")
        .description(
            "A request was made with the rights of an administrator, of a component of the cluster or of a \
             service account by somebody who is none. The verb `impersonate` gives all rights of whom it \
             names, and hides behind them.",
        )
        .technique("T1134")
        .technique("T1078.004")
        .remediation(
            "Ask whoever authenticated (`user.username`) for the reason. Take `impersonate` from roles that \
             do not need it, or restrict it by `resourceNames` to the users and groups that are meant.",
        )
        .false_positives(
            "Administrators whose own name has few rights and who take on `system:masters` when they need \
             it. Gateways that give the group to people are service accounts, and rated Low.",
        )
        .severity_rule("3.0 if a gateway's service account gives a person the group of administrators")
        .severity_rule("3.0 if a person acts as a service account outside kube-system, or a service account as one of kube-system")
        .severity_rule("3.0 if it was refused, failed or was a dry run")
        .tuning("Name gateways, and people who are meant to do this, in `trusted-users`.")
        .aggregated_by("actor and whose rights were used")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation")
}
