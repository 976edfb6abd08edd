//! Client certificates that are requested or approved.
//!
//! The API server takes the common name of a certificate of the signer
//! `kubernetes.io/kube-apiserver-client` as user and its organizations as groups. It cannot be
//! revoked.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::state;
use wardline_sdk::view::CertificateRequest;

use crate::privilege;

const FINDING_TYPE: &str = "Persistence:Kubernetes/ClientCertificateIssued";

const PRIVILEGED_APPROVED: SeverityRule = SeverityRule::new(
    7.0,
    "a certificate was approved whose subject is an administrator or has a reserved name (`system:`)",
);
const FOREIGN_APPROVED: SeverityRule = SeverityRule::new(
    7.0,
    "a certificate of a kubelet signer was approved that is not for the requesting node, has a group \
     other than `system:nodes`, or is a serving certificate with `client auth`",
);
const REQUESTED: SeverityRule = SeverityRule::new(MEDIUM, "such a certificate was requested");
const OWN_APPROVED: SeverityRule = SeverityRule::new(
    4.0,
    "a person approved their own request for any other subject",
);
const ORDINARY: SeverityRule = SeverityRule::new(LOW, "the subject is any other");
const KUBELET: SeverityRule = SeverityRule::new(
    LOW,
    "the certificate is a regular one of the kubelet client signer",
);

const CLIENT: &str = "kubernetes.io/kube-apiserver-client";
const KUBELET_CLIENT: &str = "kubernetes.io/kube-apiserver-client-kubelet";
const KUBELET_SERVING: &str = "kubernetes.io/kubelet-serving";

/// The prefix of the user names of nodes.
const NODE_PREFIX: &str = "system:node:";

/// Raises a finding if a client certificate is requested or approved.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
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
    // Nodes that join, and kubelets that renew their certificates.
    let joins = user.is_kubelet() || user.username().starts_with("system:bootstrap:");
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
        // Recognizes their own approval without bodies.
        own.set(b"", DAY)?;
    }
    let is_own = is_approval
        && (own.get()?.is_some()
            || request
                .as_ref()
                .is_some_and(|request| request.username() == user.username()));
    let is_privileged = request.as_ref().is_some_and(is_privileged);
    let is_service_account = user.is_service_account();
    let severity = match (is_approval, is_privileged, is_own) {
        (true, _, _) if is_foreign => FOREIGN_APPROVED,
        (false, _, _) if is_foreign => REQUESTED,
        // The kubelet signer issues certificates of nodes only.
        _ if is_kubelet(request.as_ref()) => KUBELET,
        (true, true, _) => PRIVILEGED_APPROVED,
        (false, true, _) => REQUESTED,
        (true, false, true) if !is_service_account => OWN_APPROVED,
        _ => ORDINARY,
    };
    let severity = outcome::severity(event, severity);
    let verb = if is_approval { "approved" } else { "asked for" };
    if severity <= LOW
        && is_service_account
        && !Told::by_actor(event, "robot").is_news(verb, severity, KNOWN)?
    {
        return Ok(());
    }
    findings.raise(
        cited(event, request.as_ref(), is_own)
            .severity(severity)
            .dedup_key(format!("{}/{}/{verb}", user.username(), event.name()))
            .title(format!(
                "{} certificate {} by {}{}{}",
                if is_for_clients {
                    "Client"
                } else {
                    "Kubelet serving"
                },
                if is_approval { "approval" } else { "request" },
                user.username(),
                request
                    .as_ref()
                    .map(|request| format!(" for {}", subject(request)))
                    .unwrap_or_default(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

fn cited(event: AuditEvent<'_>, request: Option<&CertificateRequest<'_>>, is_own: bool) -> Finding {
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Subresource)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::Code);
    if let Some(request) = request {
        let path = if event.resulting().is_some() {
            "responseObject"
        } else {
            "requestObject"
        };
        finding = finding
            .evidence(event, format!("{path}.spec.signerName"), request.signer())
            .evidence(event, format!("{path}.spec.request"), subject(request))
            .evidence(event, format!("{path}.spec.username"), request.username());
    }
    finding.attribute("approved-by-who-asked", is_own)
}

/// Whether a certificate of a kubelet signer is requested by another identity than that kubelet, or
/// grants more than a kubelet needs. The signers do not permit either
/// (<https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers>).
fn is_foreign(event: AuditEvent<'_>, request: CertificateRequest<'_>) -> bool {
    if !matches!(request.signer(), KUBELET_CLIENT | KUBELET_SERVING) {
        return false;
    }
    // The API server records the requester; a new request does not have it yet.
    let requester = match request.username() {
        "" => event.user().username(),
        username => username,
    };
    let name = request.common_name();
    let is_node = name.starts_with(NODE_PREFIX);
    let is_other =
        !name.is_empty() && (!is_node || (requester.starts_with(NODE_PREFIX) && requester != name));
    let is_serving = request.signer() == KUBELET_SERVING;
    is_other
        || request.organizations().any(|group| group != "system:nodes")
        || (is_serving && request.usages().any(|usage| usage == "client auth"))
}

/// Returns the subject in the notation of RFC 4514.
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

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A client or kubelet certificate was requested or approved")
        .description(
            "A certificate for authentication at the API server was requested or approved. It stays valid \
             until it expires, since the API server does not check revocation. Its organizations become \
             the groups of its holder.",
        )
        .technique("T1098")
        .technique("T1649")
        .remediation(
            "Ask the actor for the reason. If the certificate is not issued yet, deny and delete the request. \
             If it is, delete all bindings of the user and the groups in its subject; only a new CA revokes \
             `system:masters`. Remove `approve` on signers from roles that do not need it.",
        )
        .false_positives(
            "Certificates that people use for access: Low, unless they approve their own. Not reported: \
             kubelets that join and renew, the controller that approves them, and approvals of regular \
             kubelet serving certificates.",
        )
        .severity_rules([
            PRIVILEGED_APPROVED,
            FOREIGN_APPROVED,
            REQUESTED,
            OWN_APPROVED,
            ORDINARY,
            KUBELET,
            outcome::ATTEMPTED,
        ])
        .tuning("Add automation accounts to `trusted-users`.")
        .aggregated_by("actor, request, and whether it was approved")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/")
}
