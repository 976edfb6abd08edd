//! Credentials of nodes that are not used as a kubelet uses them.
//!
//! The Node authorizer and the NodeRestriction admission plugin keep a node to its own
//! objects (<https://kubernetes.io/docs/reference/access-authn-authz/node/>). A kubelet knows
//! what it may ask for; whoever took its credential does not.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{address, agent};
use wardline_sdk::state;

use crate::{LOW, outside, request};

const FOUND: &str = "CredentialAccess:Kubernetes/NodeCredentialAbuse";

/// Refusals count together for this long.
const WINDOW: Duration = Duration::from_secs(600);

/// How many different ones no mistake explains.
const MANY: u32 = 3;

/// Raises a finding if a node asks for what no kubelet asks for, or with a tool.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(node) = event.user().node() else {
        return Ok(());
    };
    if event.denied() {
        return refused(event, node, findings);
    }
    // Every kubelet says that it is one. Administrators on a node may use its kubeconfig.
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
            .severity(if is_grave { 6.0 } else { LOW })
            .dedup_key(format!("{node}/{tool}/{is_grave}"))
            .title(format!(
                "The credential of node {node} was used by {tool}: {}",
                request(event)
            )),
    );
    Ok(())
}

fn refused(event: AuditEvent<'_>, node: &str, findings: &mut Findings) -> Result<(), DetectError> {
    if !is_strange(event, node) {
        return Ok(());
    }
    let window = state::actor(event).key("node-refused").window(WINDOW, 20);
    let seen = window.observe(&request(event))?;
    if seen.distinct() == 1 {
        // One stray request, again and again: a node whose name is not that of its certificate.
        if seen.count() == 1 {
            findings.raise(
                cited(event)
                    .severity(LOW)
                    .dedup_key(format!("{node}/refused"))
                    .title(format!("Node {node} was refused to {}", request(event))),
            );
        }
        return Ok(());
    }
    if seen.distinct() < MANY {
        return Ok(());
    }
    window.clear()?;
    findings.raise(
        cited(event)
            .events(seen.events().iter().copied())
            .evidence(event, "refused", seen.members().join(", "))
            .severity(6.0)
            .dedup_key(format!("{node}/refused-many"))
            .title(format!(
                "The credential of node {node} tried {} different things that no kubelet does",
                seen.distinct()
            )),
    );
    Ok(())
}

fn cited(event: AuditEvent<'_>) -> Finding {
    let mut finding = Finding::new(FOUND)
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

/// Whether a kubelet does not ask for such things. It does ask, by name, for pods, secrets,
/// config maps and claims that have just left its node, and is refused.
fn is_strange(event: AuditEvent<'_>, node: &str) -> bool {
    let Some(object) = event.object() else {
        // Discovery is everybody's.
        return false;
    };
    match (object.resource(), event.verb()) {
        ("secrets" | "configmaps", "list" | "watch") => object.name().is_empty(),
        // Network plugins and proxies borrow the credential, and may be given too little.
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

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 6.0)
        .title("A node's credential was not used as a kubelet does")
        .description(
            "The certificate of a kubelet was used by a tool, or for what the Node authorizer refuses: \
             other nodes, all secrets of a namespace. It lies on the node's disk, and whoever gets out of a \
             container has it.",
        )
        .technique("T1552.001")
        .technique("T1078.004")
        .remediation(
            "Take the node out of service and look for who was on it. Delete its Node object, and replace \
             its certificate (the API server knows no revocation: until it expires, only a new CA ends it). \
             Rotate the secrets of the pods that ran there.",
        )
        .false_positives(
            "Administrators who use the kubelet's kubeconfig on the node to look around are rated Low. A \
             node whose host name changed after it got its certificate is refused the same request again \
             and again: Low.",
        )
        .severity_rule("3.0 for reading with a tool from inside, and for the first refused request")
        .severity_rule("6.0 for secrets, tokens and new pods, from a public address, and from 3 different refused requests in 10 minutes on")
        .tuning("Name nodes whose credential is used by hand in `trusted-users`.")
        .aggregated_by("node, and tool or refusal")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/node/")
}
