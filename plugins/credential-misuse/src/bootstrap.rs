//! Bootstrap tokens: credentials with which a machine joins the cluster.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{address, outcome};
use wardline_sdk::state;

use crate::outside::has_public_nodes;
use crate::{DAY, KNOWN, LOW};

const FOUND: &str = "Persistence:Kubernetes/BootstrapToken";

/// <https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#bootstrap-token-secret-format>
const TYPE: &str = "bootstrap.kubernetes.io/token";
const NAME: &str = "bootstrap-token-";

/// Raises a finding if a bootstrap token is made, or is used from a public address.
///
/// # Errors
/// If the host does not keep what is remembered.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    if event.user().username().starts_with("system:bootstrap:") {
        return used(event, findings);
    }
    let is_secret = event.resource_is("secrets", "") && event.namespace() == "kube-system";
    let is_type = matches!(event.facts(), Facts::Secret(secret) if secret.secret_type() == TYPE);
    if !is_secret
        || !matches!(event.verb(), "create" | "update" | "patch")
        || !(is_type || event.name().starts_with(NAME))
    {
        return Ok(());
    }
    let user = event.user();
    let is_robot = user.service_account().is_some();
    // kubeadm itself, when a cluster begins and when somebody lets a machine join.
    let is_kubeadm = event.user_agent().starts_with("kubeadm/");
    if is_robot && !state::actor(event).key("bootstrap").first_seen("", KNOWN)? {
        return Ok(());
    }
    let severity = if is_robot || is_kubeadm { LOW } else { 5.0 };
    let mut finding = Finding::new(FOUND)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::UserAgent);
    if is_type {
        finding = finding.evidence(event, "requestObject.type", TYPE);
    }
    findings.raise(
        finding
            .severity(outcome::severity(event, severity))
            .dedup_key(format!("{}/{}", user.username(), event.name()))
            .title(format!(
                "{} {} the bootstrap token {}",
                user.username(),
                outcome::did(event, "made", "make"),
                event.name()
            )),
    );
    Ok(())
}

/// `kubeadm join` files a request for a certificate, and reads a few config maps.
fn used(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(source) = address::public_source(event) else {
        return Ok(());
    };
    if !state::actor(event)
        .key("bootstrap-used")
        .first_seen(source.address, DAY)?
    {
        return Ok(());
    }
    // Machines join from where the nodes are.
    let severity = match has_public_nodes(event)? {
        true => LOW,
        false => outcome::severity(event, 5.0),
    };
    findings.raise(
        Finding::new(FOUND)
            .on(event)
            .field(&event, AuditField::Username)
            .evidence(event, source.path(), source.address)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .attribute("can-be-forged", !source.is_peer)
            .dedup_key(format!("{}/{}", event.user().username(), source.address))
            .title(format!(
                "The bootstrap token {} was used from the public address {}",
                event.user().username(),
                source.address
            )),
    );
    Ok(())
}

/// The type, with all that an operator needs to know.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, 5.0)
        .title("A bootstrap token was made, or used from the internet")
        .description(
            "With a bootstrap token anybody can ask for the certificate of a node, which is issued without \
             a person's consent in most clusters, and lives on when the token is deleted.",
        )
        .technique("T1098")
        .technique("T1136")
        .remediation(
            "Ask whoever made it whether a machine is to join. If not, delete the secret, and deny and \
             delete the certificate signing requests of `system:bootstrap:` and its id; remove nodes that \
             are not yours.",
        )
        .false_positives(
            "`kubeadm token create`, and operators that add machines (Cluster API, Gardener, Rancher): Low.",
        )
        .severity_rule("3.0 if kubeadm or a service account made it, or it was refused")
        .severity_rule("3.0 if it was used from a public address in a cluster whose nodes have such addresses")
        .tuning("Name those who join nodes by hand in `trusted-users`.")
        .aggregated_by("actor and token")
        .reference("https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/")
}
