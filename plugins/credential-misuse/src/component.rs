//! Credentials of the control plane in the hands of people.
//!
//! Certificates of kube-controller-manager and kube-scheduler lie on the control plane's
//! machines; tokens of the controllers' service accounts can be asked for by whoever may create
//! tokens in kube-system. The components use them with client libraries of their own.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{address, agent};
use wardline_sdk::state;

use crate::{DAY, LOW, request};

const FOUND: &str = "CredentialAccess:Kubernetes/ComponentCredentialAbuse";

/// What its holder takes over the cluster with.
const TAKES_OVER: f64 = 7.5;

/// Whatever else is changed.
const CHANGES: f64 = 6.0;

/// Raises a finding if a credential of a component was used with a tool of people.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let tool = agent::hand_tool(event.user_agent()).filter(|_| user.is_component());
    let Some(tool) = tool else {
        return Ok(());
    };
    let severity = severity(event);
    if !state::actor(event)
        .key("by-hand")
        .first_seen(&format!("{tool} {severity}"), DAY)?
    {
        return Ok(());
    }
    let mut finding = Finding::new(FOUND)
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
                "{tool} used the credential of {} to {}",
                user.username(),
                request(event)
            )),
    );
    Ok(())
}

/// How severe a request is. Administrators look for faults with the credentials that lie on a
/// machine of the control plane; they read nothing secret for that, and change nothing.
fn severity(event: AuditEvent<'_>) -> f64 {
    let Some(object) = event.object().filter(|_| event.succeeded()) else {
        return LOW;
    };
    let reads = matches!(event.verb(), "get" | "list" | "watch" | "head" | "options");
    match (object.resource(), object.subresource(), reads) {
        ("secrets", _, _)
        | ("serviceaccounts", "token", _)
        | ("pods", "exec" | "attach" | "ephemeralcontainers", _)
        | ("nodes", "proxy", _) => TAKES_OVER,
        ("roles" | "clusterroles" | "rolebindings" | "clusterrolebindings", _, false) => TAKES_OVER,
        (resource, _, _) if resource.ends_with("reviews") => LOW,
        (_, _, true) => LOW,
        (_, _, false) => CHANGES,
    }
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, TAKES_OVER)
        .title("A credential of the control plane was used by hand")
        .description(
            "kubectl, curl or a script authenticated as kube-controller-manager, kube-scheduler, kube-proxy \
             or one of the controllers. Their certificates lie on the control plane's machines, and their \
             tokens can be asked for in kube-system: whoever has one has nearly all rights, under a name \
             that few look at.",
        )
        .technique("T1552.001")
        .technique("T1078.004")
        .technique("T1036")
        .remediation(
            "Find out whose machine or pod the address is, and how the credential came there. Replace the \
             component's certificate (no API server revokes one: until it expires, only a new CA ends it), \
             delete the pods or service accounts whose tokens were made, and rotate the secrets that were \
             read.",
        )
        .false_positives(
            "Administrators who look for faults on a machine of the control plane with the kubeconfig of a \
             component: Low, as long as they read nothing secret.",
        )
        .severity_rule("6.0 for other changes than of tokens, commands, roles and bindings")
        .severity_rule("3.0 for reading other things than secrets, for questions about rights, and for what was refused")
        .tuning("Name an identity that people do use by hand in `trusted-users`.")
        .aggregated_by("actor, tool and severity, once a day")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/rbac/#core-component-roles")
        .reference("https://attack.mitre.org/techniques/T1552/001/")
}
