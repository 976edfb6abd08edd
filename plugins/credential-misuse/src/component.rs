//! Credentials of control-plane components that are used with command-line tools.
//!
//! Certificates of kube-controller-manager and kube-scheduler are stored on control-plane machines;
//! tokens of the controllers' service accounts are available to any user who may create tokens in
//! kube-system. The components use client libraries.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, address, agent};

use crate::request;

const FINDING_TYPE: &str = "CredentialAccess:Kubernetes/ComponentCredentialAbuse";

/// The severity of requests that can take over the cluster.
const TAKEOVER: f64 = 7.5;

const CHANGED: SeverityRule = SeverityRule::new(
    6.0,
    "it changes other objects than secrets, tokens, roles, and bindings, and runs no command in a \
     pod or through a node",
);
const READ: SeverityRule = SeverityRule::new(
    LOW,
    "it reads objects other than secrets without a connection to a pod or node, or asks for \
     permissions",
);
const FAILED: SeverityRule = SeverityRule::new(LOW, "the request was denied or failed");

/// Raises a finding if a credential of a component is used with a command-line tool.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let tool = agent::hand_tool(event.user_agent()).filter(|_| user.is_component());
    let Some(tool) = tool else {
        return Ok(());
    };
    let severity = severity(event);
    if !Told::by_actor(event, "by-hand").is_news(tool, severity, DAY)? {
        return Ok(());
    }
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code);
    if let Some(source) = address::public_source(event) {
        finding = finding.attribute("address", source.address);
    }
    findings.raise(
        finding
            .severity(severity)
            .dedup_key(format!("{}/{tool}/{severity}", user.username()))
            .title(format!(
                "Credential of {} was used with {tool}: {}",
                user.username(),
                request::text(event)
            )),
    );
    Ok(())
}

/// Returns the severity of a request. Administrators troubleshoot with the credentials on a
/// control-plane machine, but do not read secrets or change objects for that.
fn severity(event: AuditEvent<'_>) -> f64 {
    let Some(object) = event.object().filter(|_| event.succeeded()) else {
        return FAILED.severity;
    };
    let reads = matches!(event.verb(), "get" | "list" | "watch" | "head" | "options");
    match (object.resource(), object.subresource(), reads) {
        ("secrets", _, _)
        | ("serviceaccounts", "token", _)
        | ("pods", "exec" | "attach" | "ephemeralcontainers", _)
        | ("nodes", "proxy", _) => TAKEOVER,
        ("roles" | "clusterroles" | "rolebindings" | "clusterrolebindings", _, false) => TAKEOVER,
        (resource, _, _) if resource.ends_with("reviews") => READ.severity,
        (_, _, true) => READ.severity,
        (_, _, false) => CHANGED.severity,
    }
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, TAKEOVER)
        .title("A control-plane credential was used with a command-line tool")
        .description(
            "A request with kubectl, curl, or a script was authenticated as kube-controller-manager, \
             kube-scheduler, kube-proxy, or one of the controllers. Their certificates are stored on \
             control-plane machines, and their tokens can be requested in kube-system. Such a credential \
             grants nearly all permissions, under a name that is rarely examined.",
        )
        .technique("T1552.001")
        .technique("T1078.004")
        .technique("T1036")
        .remediation(
            "Find the machine or pod behind the address, and how the credential got there. Replace the \
             certificate of the component (the API server does not check revocation, so only a new CA ends \
             it before it expires), delete the pods or service accounts whose tokens were issued, and \
             rotate the secrets that were read.",
        )
        .false_positives(
            "Administrators who troubleshoot on a control-plane machine with the kubeconfig of a component: \
             Low, unless they read secrets or change objects.",
        )
        .severity_rules([CHANGED, READ, FAILED])
        .tuning("Add an identity that people do use by hand to `trusted-users`.")
        .aggregated_by("actor, tool and severity, once a day")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles")
        .reference("https://attack.mitre.org/techniques/T1552/001/")
}
