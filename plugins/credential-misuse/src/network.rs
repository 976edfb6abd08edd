//! One credential in two networks at the same time.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::address;
use wardline_sdk::state;

use crate::{DAY, LOW};

const FOUND: &str = "UnauthorizedAccess:Kubernetes/CredentialFromTwoNetworks";
const CREDENTIAL: &str = "authentication.kubernetes.io/credential-id";

/// What comes within this time counts as the same time.
const WINDOW: Duration = Duration::from_secs(600);

/// Only the peer's address counts, and only public ones: what is inside changes with
/// every hop, and a list of hops can be made up.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let Some(credential) = user.extra().get(CREDENTIAL) else {
        return Ok(());
    };
    let Some(source) = address::public_source(event).filter(|source| source.is_peer) else {
        return Ok(());
    };
    // A client with both kinds of address changes between them as it likes (RFC 8305).
    let family = if source.address.contains(':') { 6 } else { 4 };
    let network = address::network(source.address);
    let place = state::actor(event).key(format!("last/{family}/{credential}"));
    let last = place.get_text()?.unwrap_or_default();
    let mut trail: Vec<&str> = last.split(' ').filter(|text| !text.is_empty()).collect();
    if trail.last() == Some(&network.as_str()) {
        return Ok(());
    }
    // Who moves comes once from the new network; who is in two comes from the first again.
    let is_back = trail.first() == Some(&network.as_str()) && trail.len() == 2;
    trail.push(&network);
    let from = trail.len().saturating_sub(2);
    place.set_text(&trail.get(from..).unwrap_or_default().join(" "), WINDOW)?;
    if !is_back
        || !state::actor(event)
            .key("two-networks")
            .first_seen(credential, DAY)?
    {
        return Ok(());
    }
    let is_of_one_machine =
        user.node().is_some() || user.extra().has("authentication.kubernetes.io/pod-name");
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, format!("user.extra[{CREDENTIAL}]"), credential)
            .evidence(event, source.path(), source.address)
            .evidence(event, "networks", trail.join(", "))
            .field(&event, AuditField::UserAgent)
            .severity(if is_of_one_machine { 5.0 } else { LOW })
            .dedup_key(format!("{}/{credential}", user.username()))
            .title(format!(
                "One credential of {} is used in two networks at once",
                user.username()
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("One credential is used in two networks at once")
        .description(
            "Requests with the same token or certificate came from one public network, from another, and \
             from the first again within ten minutes. The token of a pod and the certificate of a node are \
             on one machine; a second one has a copy.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Find out which of the two addresses is the owner's. Revoke the credential: delete the pod of a \
             token, the bindings of a certificate's user.",
        )
        .false_positives(
            "People behind gateways with several exits, and build robots that share a token over several \
             machines: Low. Clusters whose nodes leave by a pool of addresses in different networks.",
        )
        .severity_rule("3.0 if the credential is neither bound to a pod nor a node's")
        .tuning("Shorten `window`, or name people who travel through several networks in `trusted-users`.")
        .aggregated_by("credential")
        .attribute("tactic", "TA0001")
        .reference("https://github.com/kubernetes/enhancements/issues/4193")
}
