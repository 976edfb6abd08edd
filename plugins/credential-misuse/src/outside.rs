//! Service account tokens that are used outside the cluster.
//!
//! If pods reach the API server by its public address (AKS, and GKE without private nodes), their
//! requests come from the public addresses of nodes. Nodes show these addresses when they report
//! their status every few minutes, and such addresses count as inside.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, address, agent, namespace};
use wardline_sdk::state;

pub const FINDING_TYPE: &str = "UnauthorizedAccess:Kubernetes/TokenUsedOutsideCluster";

/// The severity of a pod's token that is used with a command-line tool.
const STOLEN: f64 = 6.0;
/// The rule of `pod_token`.
pub const ELSEWHERE: SeverityRule = SeverityRule::new(
    MEDIUM,
    "a pod's token is used with a command-line tool from a private address that is neither the pod's \
     nor its node's, was not used by the pod before, and is not shared by several pods",
);
const SYSTEM: SeverityRule = SeverityRule::new(
    MEDIUM,
    "the token is bound to no pod, belongs to an account in a system namespace, and is used with \
     curl, Python, or a similar tool",
);
const ORDINARY: SeverityRule = SeverityRule::new(
    LOW,
    "it is bound to no pod otherwise, or the user agent is not a command-line tool",
);

/// Raises a finding if a service account calls from a public address that is not a node's.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(source) = source(event) else {
        return Ok(());
    };
    let user = event.user();
    if user.is_kubelet() {
        // A tool in somebody's hand says nothing about where the node is.
        if event.succeeded()
            && source.is_peer
            && event.resource_is("nodes", "status")
            && user.in_group("system:nodes")
            && agent::hand_tool(event.user_agent()).is_none()
        {
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
    // A pod's token is for the pod only. Other tokens are created for external automation, which may
    // use kubectl, but hardly a scripting tool with an account of the cluster's own components.
    let is_stolen = match pod {
        Some(_) => tool.is_some(),
        None => namespace::is_sensitive(home) && agent::script(event.user_agent()).is_some(),
    };
    let network = address::network(source.address);
    let severity = match (is_stolen, pod) {
        (true, Some(_)) => STOLEN,
        (true, None) => SYSTEM.severity,
        (false, _) => ORDINARY.severity,
    };
    let keep = if is_stolen { DAY } else { KNOWN };
    if !Told::by_actor(event, "outside").is_news(&network, severity, keep)? {
        return Ok(());
    }
    let mut finding = Finding::new(FINDING_TYPE)
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
    findings.raise(
        finding
            .severity(severity)
            .attribute("address", source.address)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(if is_stolen || pod.is_none() {
                format!("{}/{network}", user.username())
            } else {
                network.clone()
            })
            .title(format!(
                "Token of {} was used from public address {}",
                user.username(),
                source.address
            )),
    );
    Ok(())
}

/// Returns the public address that a token was used from, if any. Proxies that impersonate people
/// (kube-oidc-proxy, Teleport) forward the addresses of those people, so that only the peer's
/// address shows where the proxy's own token was used.
fn source(event: AuditEvent<'_>) -> Option<address::Source<'_>> {
    address::public_source(event)
        .filter(|source| source.is_peer || event.impersonated_user().is_none())
}

/// Whether a node of this cluster used a public address within the last day.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn has_public_nodes(event: AuditEvent<'_>) -> Result<bool, DetectError> {
    Ok(any_node(event).get()?.is_some())
}

fn any_node(event: AuditEvent<'_>) -> state::Value {
    state::cluster(event).key("public-nodes")
}

fn nodes(event: AuditEvent<'_>, address: &str) -> state::Value {
    state::cluster(event).key(format!("node/{address}"))
}

/// Whether a node reported its status from this address within the last day.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn is_of_node(event: AuditEvent<'_>, address: &str) -> Result<bool, DetectError> {
    Ok(nodes(event, address).get()?.is_some())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, STOLEN)
        .title("A service account token was used outside the cluster or its pod")
        .description(
            "A service account token was used from a public address that is not a node's. Anyone who can run \
             code in a pod, or read its files, can copy its token; a command-line tool in the user agent \
             points to such a copy. Also reported: the token of a pod in such a tool at a private address \
             other than the pod's.",
        )
        .technique("T1528")
        .technique("T1550.001")
        .remediation(
            "Delete the pod, which invalidates its token. Find out how the token was copied, and what it \
             was used for. Remove permissions that the workload does not need, and set \
             `automountServiceAccountToken: false` if it needs none.",
        )
        .false_positives(
            "External systems (a build service, Argo CD of another cluster) with a token created for them: \
             Low, once per network. Pods that reach the API server from the internet before a node reports \
             its status from the same address. Pods behind a NAT or a proxy that no other pod's program \
             has used within a day.",
        )
        .severity_rules([ELSEWHERE, SYSTEM, ORDINARY])
        .tuning("Add service accounts that are used from outside to `trusted-users`.")
        .aggregated_by(
            "actor and network; network alone for tokens of pods without a command-line tool; actor, pod, \
             and address for private addresses",
        )
        .attribute("tactic", "TA0001")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens")
        .reference("https://github.com/kubernetes/enhancements/issues/4193")
}
