//! Tokens of pods that are used from another place than their pod.
//!
//! A token is bound to a pod, whose addresses the kubelet reports. Laptops, jump hosts, and other
//! pods have private addresses too, so that `outside` does not see them. Three kinds of address
//! are expected: those of the pod and its node, those from which this pod's token was used before,
//! and those that several pods share, as behind a NAT or a proxy. Only a command-line tool
//! contradicts, since networks are changed and the client of a program stays the same.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, address, agent};
use wardline_sdk::state::{self, Value};

use crate::outside::{ELSEWHERE, FINDING_TYPE};

/// The keys of `user.extra` that name the pod of a token (KEP-4193, and
/// `pkg/serviceaccount/util.go`).
const POD: &str = "authentication.kubernetes.io/pod-name";
const POD_UID: &str = "authentication.kubernetes.io/pod-uid";

/// The field of a pod's status with its address, and the beginning of the value.
const POD_IP: &str = "\"podIP\":\"";

/// Remembers the addresses that a kubelet reports for a pod, with the one of the kubelet itself.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host fails.
pub fn learn(event: AuditEvent<'_>) -> Result<(), DetectError> {
    if event.user().node().is_none() || !event.resource_is("pods", "status") || !event.succeeded() {
        return Ok(());
    }
    let uid = [event.requested(), event.resulting()]
        .into_iter()
        .flatten()
        .map(|object| object.uid())
        .find(|uid| !uid.is_empty())
        .unwrap_or_default();
    // A pod keeps its addresses. Kubelets report all day, and only the first reports are read.
    if !uid.is_empty() && of_uid(event, uid).get()?.is_some() {
        return Ok(());
    }
    // The response has the whole status. A patch has the addresses only when they change.
    let body = match event.resulting() {
        Some(_) => "/responseObject/status",
        None => "/requestObject/status",
    };
    let status = raw::json(event, body).ok().flatten().unwrap_or_default();
    // A pod that does not run yet has none.
    let first = status.split(POD_IP).nth(1);
    if first.is_none_or(|rest| rest.starts_with('"')) {
        return Ok(());
    }
    let mut addresses = String::new();
    for address in addresses_of(&status) {
        addresses.push_str(&quoted(address));
    }
    if let Some(node) = peer(event) {
        addresses.push_str(&quoted(node));
    }
    if !uid.is_empty() {
        of_uid(event, uid).set_text(&addresses, KNOWN)?;
    }
    of_name(event, event.namespace(), event.name()).set_text(&addresses, KNOWN)?;
    Ok(())
}

/// Judges a request with the token of a pod.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let (Some((namespace, _)), Some(pod), Some(peer)) =
        (user.service_account(), user.extra().get(POD), peer(event))
    else {
        return Ok(());
    };
    let uid = user.extra().get(POD_UID).unwrap_or(pod);
    let used = state::actor(event).key(format!("used/{uid}"));
    let before = used.get_text()?.unwrap_or_default();
    let tool = agent::hand_tool(event.user_agent());
    // Programs list and watch all day from where they did before.
    if tool.is_none() && has_used(&before, peer) {
        return Ok(());
    }
    let addresses = match of_uid(event, uid).get_text()? {
        Some(addresses) => Some(addresses),
        None => of_name(event, namespace, pod).get_text()?,
    };
    let is_home = addresses
        .as_ref()
        .is_some_and(|addresses| addresses.contains(&quoted(peer)));
    if is_home {
        return add(&used, &before, peer);
    }
    let Some(tool) = tool else {
        return note(event, &used, &before, uid, peer);
    };
    // Other rules report public addresses.
    if address::is_public(peer) || has_used(&before, peer) || is_shared(event, peer)? {
        return Ok(());
    }
    if addresses.is_none() && before.is_empty() {
        return add(&used, &before, peer);
    }
    let member = format!("{uid}/{peer}");
    if !Told::by_actor(event, "elsewhere").is_news(&member, ELSEWHERE, DAY)? {
        return Ok(());
    }
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code)
        .evidence(event, format!("user.extra[{POD}]"), pod);
    if let Some(node) = user.extra().get("authentication.kubernetes.io/node-name") {
        finding = finding.evidence(
            event,
            "user.extra[authentication.kubernetes.io/node-name]",
            node,
        );
    }
    let expected = listed(addresses.as_deref().unwrap_or(&before));
    findings.raise(
        finding
            .severity(ELSEWHERE)
            .attribute("address", peer)
            .attribute("expected-addresses", expected)
            .dedup_key(format!("{}/{pod}/{peer}", user.username()))
            .title(format!(
                "Token of {} (pod {pod}) was used from {peer} with {tool}",
                user.username()
            )),
    );
    Ok(())
}

/// Notes that a program used a token from an address other than the pod's own.
fn note(
    event: AuditEvent<'_>,
    used: &Value,
    before: &str,
    uid: &str,
    peer: &str,
) -> Result<(), DetectError> {
    if !event.succeeded() {
        return Ok(());
    }
    add(used, before, peer)?;
    let first = state::cluster(event).key(format!("via/{peer}"));
    match first.get_text()? {
        Some(first) if first != uid => shared(event, peer).set(b"", SHARED)?,
        Some(_) => {}
        None => first.set_text(uid, SHARED)?,
    }
    Ok(())
}

/// Period within which programs of two pods must use an address, and for which it then counts as
/// shared: clients of the API server renew their watches at least every ten minutes
/// (`--min-request-timeout`, 30 minutes to an hour).
const SHARED: Duration = Duration::from_secs(86_400);

fn is_shared(event: AuditEvent<'_>, peer: &str) -> Result<bool, DetectError> {
    Ok(shared(event, peer).get()?.is_some())
}

fn shared(event: AuditEvent<'_>, peer: &str) -> Value {
    state::cluster(event).key(format!("shared/{peer}"))
}

/// The reported addresses of a pod by its UID.
fn of_uid(event: AuditEvent<'_>, uid: &str) -> Value {
    state::cluster(event).key(format!("pod/{uid}"))
}

/// The reported addresses of the newest pod of this name, for tokens and reports without the UID.
fn of_name(event: AuditEvent<'_>, namespace: &str, pod: &str) -> Value {
    state::cluster(event).key(format!("pod/{namespace}/{pod}"))
}

/// Adds an address to those that a pod used, of which the newest eight are kept.
fn add(used: &Value, before: &str, peer: &str) -> Result<(), DetectError> {
    if has_used(before, peer) {
        return Ok(());
    }
    let mut all: Vec<&str> = std::iter::once(peer).chain(before.lines()).collect();
    all.truncate(8);
    used.set_text(&all.join("\n"), KNOWN)?;
    Ok(())
}

fn has_used(before: &str, peer: &str) -> bool {
    before.lines().any(|line| line == peer)
}

/// The address of the API server's peer: the others are what a proxy or the client says.
fn peer(event: AuditEvent<'_>) -> Option<&str> {
    address::sources(event)
        .find(|source| source.is_peer)
        .map(|source| source.address)
}

/// Returns the addresses in the JSON text of a pod's status (`core/v1` `PodStatus`). The host writes
/// JSON without spaces, and within a string, a quotation mark follows a backslash, so that no
/// message looks like a field.
fn addresses_of(status: &str) -> impl Iterator<Item = &str> {
    [POD_IP, "\"ip\":\"", "\"hostIP\":\""]
        .into_iter()
        .flat_map(move |field| status.split(field).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|address| !address.is_empty())
}

/// Returns an address as JSON writes it, so that `10.0.0.1` is not found in `10.0.0.12`.
fn quoted(address: &str) -> String {
    format!("\"{address}\"")
}

/// Returns the addresses of a text for people.
fn listed(addresses: &str) -> String {
    let mut all: Vec<&str> = addresses
        .split(|sign: char| sign == '"' || sign.is_whitespace())
        .filter(|word| word.parse::<std::net::IpAddr>().is_ok())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.join(", ")
}
