//! Credentials that are used in two networks at the same time.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;

const FINDING_TYPE: &str = "UnauthorizedAccess:Kubernetes/CredentialFromTwoNetworks";
const CREDENTIAL: &str = "authentication.kubernetes.io/credential-id";

const UNBOUND: SeverityRule =
    SeverityRule::new(LOW, "the credential is neither bound to a pod nor a node's");

/// Period within which requests count as simultaneous.
const WINDOW: Duration = Duration::from_secs(600);

/// Raises a finding if a credential alternates between two public networks.
///
/// Only a public address of the peer counts: internal addresses change with every hop, and
/// forwarded addresses can be forged.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(credential) = user.extra().get(CREDENTIAL) else {
        return Ok(());
    };
    let Some(source) = address::public_source(event).filter(|source| source.is_peer) else {
        return Ok(());
    };
    // A client with IPv4 and IPv6 addresses may switch between them at any time (RFC 8305).
    let family = if source.address.contains(':') { 6 } else { 4 };
    let network = address::network(source.address);
    let recent = state::actor(event).key(format!("last/{family}/{credential}"));
    let last = recent.get_text()?.unwrap_or_default();
    let mut trail: Vec<&str> = last.split(' ').filter(|text| !text.is_empty()).collect();
    if trail.last() == Some(&network.as_str()) {
        return Ok(());
    }
    // A client that moves stays in the new network; a shared credential returns to the first one.
    let is_back = trail.first() == Some(&network.as_str()) && trail.len() == 2;
    trail.push(&network);
    let from = trail.len().saturating_sub(2);
    recent.set_text(&trail.get(from..).unwrap_or_default().join(" "), WINDOW)?;
    if !is_back
        || !state::actor(event)
            .key("two-networks")
            .first_seen(credential, DAY)?
    {
        return Ok(());
    }
    let is_bound_to_machine =
        user.node().is_some() || user.extra().has("authentication.kubernetes.io/pod-name");
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, format!("user.extra[{CREDENTIAL}]"), credential)
            .evidence(event, source.path(), source.address)
            .evidence(event, "networks", trail.join(", "))
            .field(&event, AuditField::UserAgent)
            .severity(if is_bound_to_machine {
                MEDIUM
            } else {
                UNBOUND.severity
            })
            .dedup_key(format!("{}/{credential}", user.username()))
            .title(format!(
                "Credential of {} was used in two networks at once",
                user.username()
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A credential was used in two networks at once")
        .description(
            "Requests with the same token or certificate came from one public network, from another, and \
             from the first again, each within ten minutes of the last. The token of a pod and the \
             certificate of a node belong to one machine, so a second machine has a copy.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Find out which of the addresses belongs to the owner. Revoke the credential: delete the pod of \
             a token, or the bindings of a certificate's user.",
        )
        .false_positives(
            "People behind gateways with several exits, and build systems that share a token across \
             machines: Low. Clusters whose nodes leave through addresses in different networks.",
        )
        .severity_rules([UNBOUND])
        .tuning("Add users who work from several networks to `trusted-users`.")
        .aggregated_by("credential")
        .attribute("tactic", "TA0001")
        .reference("https://github.com/kubernetes/enhancements/issues/4193")
}
