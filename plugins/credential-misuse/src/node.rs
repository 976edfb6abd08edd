//! Node credentials that are used unlike a kubelet uses them.
//!
//! The Node authorizer and the NodeRestriction admission plugin restrict a node to its own objects
//! (<https://kubernetes.io/docs/reference/access-authn-authz/node/>). A kubelet stays within these
//! limits; the holder of a stolen credential runs into them.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::{address, agent};
use wardline_sdk::state;

use crate::{outside, request};

const FINDING_TYPE: &str = "CredentialAccess:Kubernetes/NodeCredentialAbuse";

const GRAVE: SeverityRule = SeverityRule::new(
    6.0,
    "a tool requests secrets or a token, creates an object, or calls from a public address that is \
     not a node's",
);
const MANY_DENIED: SeverityRule = SeverityRule::new(
    6.0,
    "at least 3 different requests that no kubelet makes were denied within 10 minutes",
);
const BY_HAND: SeverityRule = SeverityRule::new(LOW, "a tool makes other requests");
const ONE_DENIED: SeverityRule =
    SeverityRule::new(LOW, "a single request that no kubelet makes was denied");

/// Period over which denied requests are counted.
const WINDOW: Duration = Duration::from_secs(600);

/// Number of different denied requests that no misconfiguration explains.
const MIN_DISTINCT: u32 = 3;

/// Raises a finding if a node makes a request that no kubelet makes, or uses a command-line tool.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    if !user.is_kubelet() {
        return Ok(());
    }
    // Some managed services give all kubelets one certificate, whose name tells no node.
    let node = user.node().unwrap_or(user.username());
    if event.denied() {
        return denied(event, node, findings);
    }
    // Kubelets have a user agent of their own, so this is a person, maybe an administrator.
    let Some(tool) = agent::hand_tool(event.user_agent()) else {
        return Ok(());
    };
    if !event.succeeded() {
        return Ok(());
    }
    let is_outside = match address::public_source(event) {
        Some(source) => !outside::is_of_node(event, source.address)?,
        None => false,
    };
    let is_grave = is_outside
        || matches!(
            event.resource().as_str(),
            "secrets" | "serviceaccounts/token"
        )
        || event.verb() == "create";
    findings.raise(
        cited(event)
            .severity(if is_grave { GRAVE } else { BY_HAND })
            .dedup_key(format!("{node}/{tool}/{is_grave}"))
            .title(format!(
                "Credential of node {node} was used with {tool}: {}",
                request::text(event)
            )),
    );
    Ok(())
}

fn denied(event: AuditEvent<'_>, node: &str, findings: &mut Findings) -> Result<(), DetectError> {
    if !is_unusual(event, node) {
        return Ok(());
    }
    let window = state::actor(event).key("node-refused").window(WINDOW, 20);
    let seen = window.observe(&request::text(event))?;
    if seen.distinct() == 1 {
        // One request that repeats: the name of the node differs from its certificate.
        if seen.count() == 1 {
            findings.raise(
                cited(event)
                    .severity(ONE_DENIED)
                    .dedup_key(format!("{node}/refused"))
                    .title(format!(
                        "Denied request of node {node}: {}",
                        request::text(event)
                    )),
            );
        }
        return Ok(());
    }
    if seen.distinct() < MIN_DISTINCT {
        return Ok(());
    }
    window.clear()?;
    findings.raise(
        cited(event)
            .events(seen.events().iter().copied())
            .evidence(event, "refused", seen.members().join(", "))
            .severity(MANY_DENIED)
            .dedup_key(format!("{node}/refused-many"))
            .title(format!(
                "Node {node} was denied {} requests that no kubelet makes",
                seen.distinct()
            )),
    );
    Ok(())
}

fn cited(event: AuditEvent<'_>) -> Finding {
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code);
    if let Some(message) = event.response().map(|response| response.message())
        && !message.is_empty()
    {
        finding = finding.evidence(event, "responseStatus.message", message);
    }
    finding
}

/// Whether no kubelet makes such a request. A kubelet does request, by name, pods, secrets,
/// ConfigMaps, and claims that have just left its node, and is denied.
fn is_unusual(event: AuditEvent<'_>, node: &str) -> bool {
    let Some(object) = event.object() else {
        // Every client uses API discovery.
        return false;
    };
    match (object.resource(), event.verb()) {
        ("secrets" | "configmaps", "list" | "watch") => object.name().is_empty(),
        // Network plugins and proxies use the credential too, and may lack permissions.
        (_, "get" | "list" | "watch") | ("leases" | "csinodes", _) => false,
        ("nodes", _) => object.name() != node,
        (
            "pods"
            | "persistentvolumeclaims"
            | "persistentvolumes"
            | "volumeattachments"
            | "serviceaccounts"
            | "events"
            | "resourceclaims"
            | "resourceslices"
            | "podcertificaterequests"
            | "certificatesigningrequests"
            | "tokenreviews"
            | "subjectaccessreviews",
            _,
        ) => object.subresource() == "exec",
        _ => true,
    }
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, GRAVE.severity)
        .title("Unusual use of a node credential")
        .description(
            "The certificate of a kubelet was used with a command-line tool, or for requests that the Node \
             authorizer denies, such as other nodes or all secrets of a namespace. It is stored on the disk of \
             the node, where an attacker who escapes a container finds it.",
        )
        .technique("T1552.001")
        .technique("T1078.004")
        .remediation(
            "Drain the node and find out who used it. Delete its Node object, and replace its certificate; \
             the API server does not check revocation, so only a new CA ends it before it expires. Rotate \
             the secrets of the pods that ran there.",
        )
        .false_positives(
            "Administrators who read with the kubelet's kubeconfig on the node: Low. Nodes whose host name \
             differs from their certificate and that repeat the same denied request: Low.",
        )
        .severity_rules([GRAVE, MANY_DENIED, BY_HAND, ONE_DENIED])
        .tuning("Add nodes whose credential is used by hand to `trusted-users`.")
        .aggregated_by("node, and tool or denied requests")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/node/")
}
