//! Bootstrap tokens, the credentials of machines that join the cluster.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Requester, Told, address, outcome};

use crate::outside::has_public_nodes;

const FINDING_TYPE: &str = "Persistence:Kubernetes/BootstrapToken";

const ROUTINE: SeverityRule = SeverityRule::new(LOW, "kubeadm or a service account created it");
const NEAR_NODES: SeverityRule = SeverityRule::new(
    LOW,
    "it was used from a public address, and the nodes of the cluster have public addresses",
);

/// The type of a bootstrap token secret
/// (<https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#bootstrap-token-secret-format>).
const SECRET_TYPE: &str = "bootstrap.kubernetes.io/token";
const NAME_PREFIX: &str = "bootstrap-token-";

/// Raises a finding if a bootstrap token is created or changed, or used from a public address.
///
/// # Errors
/// Returns [`DetectError`] if a call to the host's state fails.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.user().username().starts_with("system:bootstrap:") {
        return used(event, findings);
    }
    let is_secret = event.resource_is("secrets", "") && event.namespace() == "kube-system";
    let is_type =
        matches!(event.facts(), Facts::Secret(secret) if secret.secret_type() == SECRET_TYPE);
    if !is_secret
        || !matches!(event.verb(), "create" | "update" | "patch")
        || !(is_type || event.name().starts_with(NAME_PREFIX))
    {
        return Ok(());
    }
    let user = event.user();
    let is_program = Requester::is_program(event);
    // kubeadm creates tokens when it initializes a cluster and when a machine is to join.
    let is_kubeadm = event.user_agent().starts_with("kubeadm/");
    let severity = if is_program || is_kubeadm {
        ROUTINE.severity
    } else {
        MEDIUM
    };
    let severity = outcome::severity(event, severity);
    if is_program && !Told::by_actor(event, "bootstrap").is_news("", severity, KNOWN)? {
        return Ok(());
    }
    let mut finding = Finding::new(FINDING_TYPE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::UserAgent);
    if is_type {
        finding = finding.evidence(event, "requestObject.type", SECRET_TYPE);
    }
    findings.raise(
        finding
            .severity(severity)
            .dedup_key(format!("{}/{}", user.username(), event.name()))
            .title(format!(
                "{} of bootstrap token {} by {}{}",
                match event.verb() {
                    "create" => "Creation",
                    _ => "Change",
                },
                event.name(),
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

/// Judges the use of a token. `kubeadm join` requests a certificate and reads a few ConfigMaps.
fn used(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    // Machines join from the networks of the nodes.
    let severity = match has_public_nodes(event)? {
        true => NEAR_NODES.severity,
        false => outcome::severity(event, MEDIUM),
    };
    if !Told::by_actor(event, "bootstrap-used").is_news(source.address, severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(FINDING_TYPE)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, source.path(), source.address)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(format!("{}/{}", event.user().username(), source.address))
            .title(format!(
                "Bootstrap token {} was used from public address {}",
                event.user().username(),
                source.address
            )),
    );
    Ok(())
}

/// The finding type of this rule.
pub fn finding_type() -> FindingType {
    FindingType::new(FINDING_TYPE, MEDIUM)
        .title("A bootstrap token was created, or used from a public address")
        .description(
            "A bootstrap token allows its holder to request the certificate of a node, which most clusters \
             issue without approval by a person. The certificate stays valid after the token is deleted.",
        )
        .technique("T1098")
        .technique("T1136")
        .remediation(
            "Ask the author whether a machine is to join. If not, delete the secret, deny and delete the \
             certificate signing requests of `system:bootstrap:` and the token id, and remove nodes that \
             are not yours.",
        )
        .false_positives(
            "`kubeadm token create`, and Kubernetes operators that add machines (Cluster API, Gardener, \
             Rancher): Low.",
        )
        .severity_rules([ROUTINE, NEAR_NODES, outcome::ATTEMPTED])
        .tuning("Add users who join nodes by hand to `trusted-users`.")
        .aggregated_by("actor and token")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/")
}
