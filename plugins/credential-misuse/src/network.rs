//! Credentials that are used in two networks at the same time.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::address;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::DAY;
use wardline_sdk::state;

const FINDING_TYPE: &str = "UnauthorizedAccess:Kubernetes/CredentialFromTwoNetworks";
const CREDENTIAL: &str = "authentication.kubernetes.io/credential-id";

const UNBOUND: SeverityRule =
    SeverityRule::new(LOW, "the credential is neither bound to a pod nor a node's");

const QUICK: SeverityRule = SeverityRule::new(
    2.0,
    "a person's credential came from another network within a minute, and did not return yet",
);

/// Period within which requests count as simultaneous.
const WINDOW: Duration = Duration::from_secs(600);

/// Period within which a person hardly changes the network.
const MOVE: Duration = Duration::from_secs(60);

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
    let fresh = state::actor(event).key(format!("fresh/{family}/{credential}"));
    let is_quick = user.is_person() && fresh.get()?.is_some();
    fresh.set(b"", MOVE)?;
    if trail.last() == Some(&network.as_str()) {
        return Ok(());
    }
    // A client that moves stays in the new network; a shared credential returns to the first one.
    let is_back = trail.first() == Some(&network.as_str()) && trail.len() == 2;
    trail.push(&network);
    let from = trail.len().saturating_sub(2);
    recent.set_text(&trail.get(from..).unwrap_or_default().join(" "), WINDOW)?;
    let is_jump = is_quick && trail.len() >= 2;
    if !(is_back || is_jump) {
        return Ok(());
    }
    let is_bound_to_machine =
        user.node().is_some() || user.extra().has("authentication.kubernetes.io/pod-name");
    let severity = if !is_back {
        QUICK.severity
    } else if is_bound_to_machine {
        MEDIUM
    } else {
        UNBOUND.severity
    };
    if !Told::by_actor(event, "two-networks").is_news(credential, severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, format!("user.extra[{CREDENTIAL}]"), credential)
            .evidence(event, source.path(), source.address)
            .evidence(event, "networks", trail.join(", "))
            .field(&event, AuditField::UserAgent)
            .severity(severity)
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
             from the first again, each within ten minutes of the last, or a person's from the second within \
             a minute. The token of a pod and the \
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
             machines: Low. People who leave a VPN. Clusters whose nodes leave through addresses in different networks.",
        )
        .severity_rules([UNBOUND, QUICK])
        .tuning("Add users who work from several networks to `trusted-users`.")
        .aggregated_by("credential")
        .attribute("tactic", "TA0001")
        .reference("https://github.com/kubernetes/enhancements/issues/4193")
}
