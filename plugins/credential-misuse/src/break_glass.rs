//! Identities for emergencies that are in use.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::DAY;

const FOUND: &str = "Policy:Kubernetes/BreakGlassIdentity";

/// Raises a finding if a member of `system:masters` changes the cluster.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    if !user.is_master()
        || !event.changed_something()
        || !state::actor(event).key("break-glass").first_seen("", DAY)?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Groups)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::RequestUri)
            .dedup_key(user.username())
            .title(format!(
                "{} changes the cluster as a member of system:masters",
                user.username()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 2.0)
        .title("A member of system:masters is at work")
        .description(
            "Somebody who is no component of the cluster changed it as a member of `system:masters`. That \
             group stands above RBAC and webhook authorization, and can be taken from nobody.",
        )
        .technique("T1078.004")
        .remediation(
            "Keep such credentials for emergencies. Give people users of their own with bindings that can \
             be taken away, and map no IAM role to `system:masters`.",
        )
        .false_positives(
            "Installers while they make the cluster; k3s, RKE and clouds' local accounts, whose \
             administrator is a member; the creator of an EKS cluster.",
        )
        .tuning("Name the users in `trusted-users`.")
        .aggregated_by("actor, once a day")
        .attribute("tactic", "TA0004")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege")
}
