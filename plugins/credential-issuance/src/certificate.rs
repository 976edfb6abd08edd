//! Client certificates that are asked for or approved.
//!
//! A certificate of the signer `kubernetes.io/kube-apiserver-client` makes its subject a user
//! and its organizations groups. It cannot be revoked.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;
use wardline_sdk::view::CertificateRequest;

use crate::{KNOWN, LOW, privilege};

const FOUND: &str = "Persistence:Kubernetes/ClientCertificateIssued";
const CLIENT: &str = "kubernetes.io/kube-apiserver-client";
const KUBELET_CLIENT: &str = "kubernetes.io/kube-apiserver-client-kubelet";
const KUBELET_SERVING: &str = "kubernetes.io/kubelet-serving";

/// How nodes begin their names.
const NODE: &str = "system:node:";

/// Who asked and who approves are compared for this long, where the log has no bodies.
const PENDING: Duration = Duration::from_secs(24 * 3600);

/// Raises a finding if a client certificate is asked for or approved.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.user();
    let is_approval = event.resource_is("certificatesigningrequests", "approval");
    let is_request =
        event.resource_is("certificatesigningrequests", "") && event.verb() == "create";
    if !is_approval && !is_request {
        return Ok(());
    }
    let request = match event.facts() {
        Facts::CertificateRequest(request) => Some(request),
        _ => None,
    };
    let is_foreign = request.is_some_and(|request| is_foreign(event, request));
    // Who joins, and kubelets that renew what they have.
    let joins = user.node().is_some() || user.username().starts_with("system:bootstrap:");
    let is_for_clients =
        request.is_none_or(|request| matches!(request.signer(), CLIENT | KUBELET_CLIENT));
    if !is_foreign && (joins || !is_for_clients) {
        return Ok(());
    }
    if is_approval
        && request
            .as_ref()
            .is_some_and(|request| !request.conditions().contains("Approved"))
    {
        return Ok(());
    }
    let own = state::actor(event).key(format!("asked/{}", event.name()));
    if !is_approval && event.succeeded() && !event.dry_run() && !event.name().is_empty() {
        own.set(b"", PENDING)?;
    }
    let is_own = is_approval
        && (own.get()?.is_some()
            || request
                .as_ref()
                .is_some_and(|request| request.username() == user.username()));
    let is_privileged = request.as_ref().is_some_and(is_privileged);
    let is_robot = user.service_account().is_some();
    let severity = match (is_approval, is_privileged, is_own) {
        (true, _, _) if is_foreign => 7.0,
        (false, _, _) if is_foreign => 5.0,
        // A node's own signer is for nodes, and operators approve what they ask for.
        _ if is_kubelet(request.as_ref()) => LOW,
        (true, true, _) => 7.0,
        (false, true, _) => 5.0,
        (true, false, true) if !is_robot => 4.0,
        _ => LOW,
    };
    let severity = outcome::severity(event, severity);
    let verb = if is_approval { "approved" } else { "asked for" };
    if severity <= LOW && is_robot && !state::actor(event).key("robot").first_seen(verb, KNOWN)? {
        return Ok(());
    }
    findings.raise(
        cited(event, request.as_ref(), is_own)
            .severity(severity)
            .dedup_key(format!("{}/{}/{verb}", user.username(), event.name()))
            .title(format!(
                "{} {} a {} certificate{}",
                user.username(),
                if is_approval {
                    outcome::did(event, "approved", "approve")
                } else {
                    outcome::did(event, "asked for", "ask for")
                },
                if is_for_clients {
                    "client"
                } else {
                    "kubelet's serving"
                },
                request
                    .as_ref()
                    .map(|request| format!(" for {}", subject(request)))
                    .unwrap_or_default()
            )),
    );
    Ok(())
}

fn cited(event: AuditEvent<'_>, request: Option<&CertificateRequest<'_>>, is_own: bool) -> Finding {
    let mut finding = Finding::new(FOUND)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Subresource)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Code);
    if let Some(request) = request {
        let place = if event.resulting().is_some() {
            "responseObject"
        } else {
            "requestObject"
        };
        finding = finding
            .evidence(event, format!("{place}.spec.signerName"), request.signer())
            .evidence(event, format!("{place}.spec.request"), subject(request))
            .evidence(event, format!("{place}.spec.username"), request.username());
    }
    finding.attribute("approved-by-who-asked", is_own)
}

/// Whether a certificate of a kubelet is asked for by another than that kubelet, or is good for
/// more than a kubelet's. What the signers want leaves no room for either
/// (<https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers>).
fn is_foreign(event: AuditEvent<'_>, request: CertificateRequest<'_>) -> bool {
    if !matches!(request.signer(), KUBELET_CLIENT | KUBELET_SERVING) {
        return false;
    }
    // The API server writes down who asked; before that it is who asks.
    let asked = match request.username() {
        "" => event.user().username(),
        username => username,
    };
    let name = request.common_name();
    let is_node = name.starts_with(NODE);
    let is_other = !name.is_empty() && (!is_node || (asked.starts_with(NODE) && asked != name));
    let is_serving = request.signer() == KUBELET_SERVING;
    is_other
        || request.organizations().any(|group| group != "system:nodes")
        || (is_serving && request.usages().any(|usage| usage == "client auth"))
}

/// As RFC 4514 writes it.
fn subject(request: &CertificateRequest<'_>) -> String {
    let organizations = request
        .organizations()
        .map(|name| format!(",O={name}"))
        .collect::<String>();
    format!("CN={}{organizations}", request.common_name())
}

fn is_privileged(request: &CertificateRequest<'_>) -> bool {
    privilege::is_of_certificate(request.common_name(), request.organizations())
}

fn is_kubelet(request: Option<&CertificateRequest<'_>>) -> bool {
    request.is_some_and(|request| request.signer() == KUBELET_CLIENT)
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A client certificate was asked for or approved")
        .description(
            "Somebody asked for a certificate with which to authenticate at the API server, or approved \
             one. It is valid until it expires: the API server knows no revocation. Its organizations are \
             the groups of whoever has it.",
        )
        .technique("T1098")
        .technique("T1649")
        .remediation(
            "Ask for the reason. Deny and delete the request if it is not issued yet. If it is, delete all \
             bindings of the user and the groups in its subject; for `system:masters` only a new CA helps. \
             Take `approve` on signers from roles that do not need it.",
        )
        .false_positives(
            "Certificates for people, where that is how they get access: Low, unless they approve their \
             own. Kubelets that join and renew, and the controller that approves them, are left out, as is \
             who approves what a kubelet serves with.",
        )
        .severity_rule("7.0 if one was approved whose subject is an administrator or has a reserved name (`system:`)")
        .severity_rule("5.0 if such a one was asked for")
        .severity_rule(
            "7.0 if one was approved, 5.0 if one was asked for, by the signers of kubelets that is another's \
             than the node that asks, or has another group than `system:nodes`, or serves and authenticates \
             (`client auth`)",
        )
        .severity_rule("4.0 if somebody approved what they asked for themselves")
        .severity_rule("3.0 for other subjects, for the signer of kubelets, and if it was refused")
        .tuning("Name robots in `trusted-users`.")
        .aggregated_by("actor, request, and whether it was approved")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/")
}
