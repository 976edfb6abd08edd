//! Use of identities that are reserved for emergencies.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, address};

const FINDING_TYPE: &str = "Policy:Kubernetes/BreakGlassIdentity";

/// Raises a finding if a member of `system:masters` changes the cluster.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    if !user.is_master()
        || !event.changed_something()
        || !Told::by_actor(event, "break-glass").is_news("", 2.0, DAY)?
    {
        return Ok(());
    }
    let finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Groups)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::RequestUri)
        .dedup_key(user.username())
        .title(format!(
            "Cluster change by {}, a member of system:masters",
            user.username()
        ));
    // No severity of its own: if the API server is on the internet, all administrators have public
    // addresses.
    findings.raise(match address::public_source(event) {
        Some(source) => finding
            .attribute("public-address", source.address)
            .attribute("can-be-forged", !source.is_peer),
        None => finding,
    });
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, 2.0)
        .title("Cluster change by a member of system:masters")
        .description(
            "A member of `system:masters` that is not a component of the cluster changed it. The group \
             bypasses RBAC and webhook authorization, and its members cannot be restricted.",
        )
        .technique("T1078.004")
        .remediation(
            "Keep such credentials for emergencies. Give people users of their own with bindings that can \
             be revoked, and map no IAM role to `system:masters`.",
        )
        .false_positives(
            "Installers while they create the cluster; administrators of k3s, RKE, and local cloud accounts, \
             who are members by default; the creator of an EKS cluster.",
        )
        .tuning("Add the users to `trusted-users`.")
        .aggregated_by("actor, once a day")
        .attribute("tactic", "TA0004")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege")
}
