//! Tokens of service accounts that are used outside the cluster.
//!
//! Where pods reach the API server by its public address (AKS, and GKE without private
//! nodes), they come from the nodes' public addresses. Nodes say where they are every few
//! minutes, when they report their status; addresses of nodes are inside.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{address, agent, namespace};
use wardline_sdk::state;

use crate::{DAY, KNOWN, LOW};

const FOUND: &str = "UnauthorizedAccess:Kubernetes/TokenUsedOutsideCluster";

/// Raises a finding if a service account calls from a public address that is none of a node.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(source) = source(event) else {
        return Ok(());
    };
    let user = event.user();
    if user.node().is_some() {
        if event.succeeded() && source.is_peer && event.resource_is("nodes", "status") {
            nodes(event, source.address).set(b"", DAY)?;
            any_node(event).set(b"", DAY)?;
        }
        return Ok(());
    }
    let Some((home, _)) = user.service_account() else {
        return Ok(());
    };
    if is_of_node(event, source.address)? {
        return Ok(());
    }
    let pod = user.extra().get("authentication.kubernetes.io/pod-name");
    let tool = agent::hand_tool(event.user_agent());
    // A pod's own token is for the pod. Others are made for robots outside, which call with
    // kubectl, but scarcely as a part of the cluster and by hand.
    let is_stolen = match pod {
        Some(_) => tool.is_some(),
        None => namespace::is_sensitive(home) && agent::script(event.user_agent()).is_some(),
    };
    let network = address::network(source.address);
    let member = format!("{network} {is_stolen}");
    if !state::actor(event)
        .key("outside")
        .first_seen(&member, if is_stolen { DAY } else { KNOWN })?
    {
        return Ok(());
    }
    let mut finding = Finding::new(FOUND)
        .on(event)
        .field(&event, AuditField::Username)
        .evidence(event, source.path(), source.address)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code);
    for key in [
        "authentication.kubernetes.io/pod-name",
        "authentication.kubernetes.io/node-name",
        "authentication.kubernetes.io/credential-id",
    ] {
        if let Some(value) = user.extra().get(key) {
            finding = finding.evidence(event, format!("user.extra[{key}]"), value);
        }
    }
    let bound = pod.map_or_else(String::new, |pod| format!(" of pod {pod}"));
    findings.raise(
        finding
            .severity(match (is_stolen, pod) {
                (true, Some(_)) => 6.0,
                (true, None) => 5.0,
                (false, _) => LOW,
            })
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(if is_stolen || pod.is_none() {
                format!("{}/{network}", user.username())
            } else {
                network.clone()
            })
            .title(format!(
                "The token{bound} of {} was used from the public address {}",
                user.username(),
                source.address
            )),
    );
    Ok(())
}

/// The public address that a token was used from, if any. Proxies that ask in the names of
/// people (kube-oidc-proxy, Teleport) pass on the addresses of those people: where the proxy's
/// own token was used, only the API server's peer tells.
fn source(event: AuditEvent<'_>) -> Option<address::Source<'_>> {
    address::public_source(event)
        .filter(|source| source.is_peer || event.impersonated_user().is_none())
}

/// Whether nodes of this cluster have public addresses, by what the log told of the last day.
///
/// # Errors
/// If the host does not say.
pub fn has_public_nodes(event: AuditEvent<'_>) -> Result<bool, DetectError> {
    Ok(any_node(event).get()?.is_some())
}

fn any_node(event: AuditEvent<'_>) -> state::Value {
    state::cluster(event).key("public-nodes")
}

fn nodes(event: AuditEvent<'_>, address: &str) -> state::Value {
    state::cluster(event).key(format!("node/{address}"))
}

/// Whether a node has reported its status from an address.
///
/// # Errors
/// If the host does not say.
pub fn is_of_node(event: AuditEvent<'_>, address: &str) -> Result<bool, DetectError> {
    Ok(nodes(event, address).get()?.is_some())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 6.0)
        .title("A service account's token was used outside the cluster")
        .description(
            "A token that was issued to a pod came from a public address that is none of the nodes', in the \
             hands of a command line tool. Whoever can run code in a pod, or read its files, can take it \
             away.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Delete the pod: its token ends with it. Find out how the token got out, and what it was used \
             for. Take rights from the service account that the workload does not need, and set \
             `automountServiceAccountToken: false` where it needs none.",
        )
        .false_positives(
            "A robot outside (a build service, Argo CD of another cluster) with a token made for it: Low, \
             once for each network. Pods that reach the API server from the internet before a node has \
             reported its status from the same address.",
        )
        .severity_rule("3.0 if the token is bound to no pod, or the user agent is none of a tool that people use")
        .severity_rule("5.0 if it is bound to no pod, of kube-system or its like, and used by curl, Python or their like")
        .tuning("Name service accounts that are used from outside in `trusted-users`.")
        .aggregated_by("actor and network; the network alone for pods' tokens in their own programs")
        .attribute("tactic", "TA0001")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens")
        .reference("https://github.com/kubernetes/enhancements/issues/4193")
}
