//! Cluster credentials that are used from the internet.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, TrustedUsers, address, agent};

const FOUND: &str = "InitialAccess:Kubernetes/SystemPrincipalFromPublicAddress";

/// The severity of a component's credential that another program uses.
const MISUSED: f64 = 6.0;
const ORDINARY: SeverityRule =
    SeverityRule::new(LOW, "the user agent is that of a Kubernetes component");
const FAILED: SeverityRule = SeverityRule::new(LOW, "the request did not succeed");

/// Raises a finding if a control-plane component or kube-proxy makes a request from a public
/// address. `credential-misuse` judges nodes and service accounts, since it knows the addresses of
/// the nodes, and members of `system:masters`: where the API server is on the internet, a public
/// address is every administrator's every day.
///
/// # Errors
/// Returns a [`DetectError`] if the host cannot store the state.
pub fn judge(
    event: AuditEvent<'_>,
    trusted: &TrustedUsers,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // Components that a cloud runs outside the cluster have arbitrary addresses and user agents of
    // their own, so they do not count.
    if !user.is_component() || trusted.trusts(event) {
        return Ok(());
    }
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    // The client chooses its user agent: a component's proves nothing, but another is a sign of
    // misuse.
    let is_odd = agent::component(event.user_agent()).is_none();
    let network = address::network(source.address);
    let severity = match (is_odd, event.succeeded()) {
        (true, true) => MISUSED,
        (true, false) => FAILED.severity,
        (false, _) => ORDINARY.severity,
    };
    if !Told::by_actor(event, "networks").is_news(&network, severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Groups)
            .evidence(event, source.path(), source.address)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .title(format!(
                "Credential of {} was used from public address {}",
                user.username(),
                source.address
            ))
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(format!("{}/{network}", user.username())),
    );
    Ok(())
}

/// Returns the type for cluster credentials that are used from the internet.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, MISUSED)
        .title("A control-plane credential was used from the internet")
        .description(
            "An identity of the control plane was used from a public address. Such credentials are stored on \
             control-plane nodes and have nearly all rights, so an attacker who copied one controls the \
             cluster.",
        )
        .technique("T1078.004")
        .technique("T1133")
        .remediation(
            "Find out who owns the address. If it does not belong to the cluster, the credential was copied: \
             replace the component's certificate.",
        )
        .false_positives(
            "Clusters whose control plane has public addresses. They are Low, and reported once a day for each \
             network.",
        )
        .severity_rules([ORDINARY, FAILED])
        .tuning("Add users that may connect from the internet to `trusted-users`.")
        .aggregated_by("actor and network")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege")
}
