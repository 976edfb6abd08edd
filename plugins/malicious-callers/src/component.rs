//! Components of the cluster that call from the internet.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;
use wardline_sdk::rules::outcome::ATTEMPT;
use wardline_sdk::rules::{address, agent};
use wardline_sdk::state;

const FOUND: &str = "InitialAccess:Kubernetes/SystemPrincipalFromPublicAddress";

/// What a call that looks like the component's own, or a person's, is rated.
const LOW: f64 = 3.0;

/// How long a network that an identity has called from counts as known.
const KNOWN: Duration = Duration::from_secs(24 * 3600);

/// Raises a finding if a component of the control plane, kube-proxy or a member of
/// `system:masters` calls from a public address. Nodes and service accounts are judged by
/// `credential-misuse`, which knows where the nodes are.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(
    event: AuditEvent<'_>,
    trusted: &Patterns,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.user();
    // Parts that a cloud runs outside the cluster come from wherever that cloud runs them, with
    // user agents of their own.
    let is_component = user.is_component();
    if !(is_component || user.is_master()) || trusted.matches(user.username()) {
        return Ok(());
    }
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    // A component has its own agent. The right one proves nothing, the wrong one does.
    let is_odd = is_component && agent::component(event.user_agent()).is_none();
    let network = address::network(source.address);
    let member = format!("{network} {is_odd}");
    if !state::actor(event)
        .key("networks")
        .first_seen(&member, KNOWN)?
    {
        return Ok(());
    }
    let severity = match (is_odd, event.succeeded()) {
        (true, true) => 6.0,
        (true, false) => ATTEMPT,
        (false, _) => LOW,
    };
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
                "{} called from the public address {}",
                user.username(),
                source.address
            ))
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(format!("{}/{network}", user.username())),
    );
    Ok(())
}

/// The type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 6.0)
        .title("A component of the cluster called from the internet")
        .description(
            "An identity of the control plane, or a member of `system:masters`, was used from a public \
             address. Such credentials lie on the control plane's machines, and hold all rights or nearly.",
        )
        .technique("T1078.004")
        .technique("T1133")
        .remediation(
            "Find out whose machine the address is. If it is none of the cluster's, the credential has \
             left it: replace the component's certificate, or the cluster's CA for `system:masters`, whose \
             rights no binding takes away. Give people identities of their own.",
        )
        .false_positives(
            "Clusters whose control plane has public addresses: Low, once a day for each network. \
             Administrators who use `admin.conf` or a cloud's local account from outside.",
        )
        .severity_rule("3.0 if the user agent is the component's own, or the user is another member of `system:masters`")
        .severity_rule("3.0 if the call did not succeed")
        .tuning("Name users that may do this in `trusted-users`.")
        .aggregated_by("actor and network")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles")
        .reference("https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege")
}
