//! Secrets whose value goes beyond one application.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::{LOW, MEDIUM};
use wardline_sdk::rules::time::{DAY, KNOWN};
use wardline_sdk::rules::{Told, agent, namespace};

use crate::client;

const FOUND: &str = "CredentialAccess:Kubernetes/HighValueSecretRead";

const APPLICATION: SeverityRule = SeverityRule::new(
    LOW,
    "it holds a Helm release or registry credentials; once a day per user and namespace",
);
const BY_HELM: SeverityRule = SeverityRule::new(
    1.0,
    "it holds a Helm release, and the user agent is that of Helm, Terraform, or a similar program; once \
     in 30 days per user",
);
const TOKEN: SeverityRule = SeverityRule::new(
    LOW,
    "it holds a service account token outside of the system namespaces; once a day per user and namespace",
);

/// The content of a secret and its severity.
#[derive(Debug, Clone, Copy, PartialEq)]
struct SecretContent {
    /// A noun phrase for titles. It is part of the deduplication key.
    name: &'static str,
    severity: f64,
}

const fn key(name: &'static str) -> Option<SecretContent> {
    Some(SecretContent {
        name,
        severity: MEDIUM,
    })
}

const fn common(name: &'static str, rule: SeverityRule) -> Option<SecretContent> {
    Some(SecretContent {
        name,
        severity: rule.severity,
    })
}

/// Raises a finding if the request read such a secret by name. Returns whether it did.
///
/// # Errors
/// Returns [`DetectError`] if the host does not keep the state.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<bool, DetectError> {
    let user = event.user();
    let kind = match event.resulting().map(|object| object.facts()) {
        Some(Facts::Secret(secret)) => secret.secret_type(),
        _ => "",
    };
    let Some(content) = content(event.namespace(), event.name(), kind) else {
        return Ok(false);
    };
    let is_own = user
        .service_account()
        .is_some_and(|(namespace, _)| namespace == event.namespace())
        && agent::hand_tool(event.user_agent()).is_none();
    // A machine that joins the control plane reads these.
    let is_joining = user.username().starts_with("system:bootstrap:");
    if is_own || is_joining {
        return Ok(false);
    }
    let is_by_helm = content == HELM && client::is_installer(event.user_agent());
    let (severity, keep) = if is_by_helm {
        (BY_HELM.severity, KNOWN)
    } else {
        (content.severity, DAY)
    };
    let member = match is_by_helm {
        // Helm reads the releases of every namespace that it works in.
        true => content.name.to_owned(),
        false => format!("{}/{}", event.namespace(), content.name),
    };
    if severity <= LOW && !Told::by_actor(event, "high-value").is_news(&member, severity, keep)? {
        return Ok(true);
    }
    let mut finding = Finding::new(FOUND)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Namespace)
        .field(&event, AuditField::Name)
        .field(&event, AuditField::UserAgent);
    if !kind.is_empty() {
        finding = finding.evidence(event, "responseObject.type", kind);
    }
    findings.raise(
        finding
            .severity(severity)
            .attribute("holds", content.name)
            .dedup_key(format!(
                "{}/{}/{}",
                user.username(),
                event.namespace(),
                content.name
            ))
            .title(format!(
                "Secret {}/{} ({}) was read by {}",
                event.namespace(),
                event.name(),
                content.name,
                user.username()
            )),
    );
    Ok(true)
}

const HELM: SecretContent = SecretContent {
    name: "the values of a Helm release",
    severity: APPLICATION.severity,
};

fn content(namespace: &str, name: &str, kind: &str) -> Option<SecretContent> {
    let is_system = namespace::is_sensitive(namespace);
    match kind {
        "bootstrap.kubernetes.io/token" => return key("a token to join the cluster"),
        "kubernetes.io/service-account-token" if is_system => {
            return key("a token of a component of the cluster");
        }
        "kubernetes.io/service-account-token" => return common("a service account's token", TOKEN),
        "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => {
            return common("credentials of a registry", APPLICATION);
        }
        _ => {}
    }
    if name.is_empty() {
        return None;
    }
    // https://github.com/bitnami-labs/sealed-secrets#secret-rotation
    if name.starts_with("sealed-secrets-key") {
        return key("the key that opens all sealed secrets");
    }
    if name.starts_with("sh.helm.release.") {
        return Some(HELM);
    }
    if is_system {
        if name.starts_with("bootstrap-token-") {
            return key("a token to join the cluster");
        }
        if name == "kubeadm-certs" {
            return key("the keys of the control plane");
        }
        if name.contains("etcd") {
            return key("a key of etcd");
        }
    }
    if matches!(
        name,
        "cacerts" | "istio-ca-secret" | "linkerd-identity-issuer" | "linkerd-trust-anchor"
    ) || name.ends_with("-ca-key-pair")
        || name.ends_with("-root-ca")
    {
        return key("the key of a certificate authority");
    }
    if matches!(
        name,
        "azure-cloud-provider"
            | "cloud-config"
            | "cloud-credentials"
            | "aws-creds"
            | "vsphere-creds"
            | "vsphere-cloud-secret"
            | "gcp-credentials"
    ) || (namespace == "azure-arc" && !name.starts_with("default-token"))
    {
        return key("credentials of the cloud");
    }
    if namespace.starts_with("vault") && (name.contains("unseal") || name.contains("root-token")) {
        return key("the keys of Vault");
    }
    if namespace == "argocd" && name.starts_with("cluster-") {
        return key("credentials of another cluster");
    }
    if ["regcred", "dockercfg", "pull-secret", "registry-cred"]
        .iter()
        .any(|part| name.contains(part))
    {
        return common("credentials of a registry", APPLICATION);
    }
    None
}

/// Returns the finding type.
pub fn finding_type() -> FindingType {
    FindingType::new(FOUND, MEDIUM)
        .title("A high-value secret was read")
        .description(
            "A secret was read that holds a key of the cluster, of a certificate authority, of \
             the cloud, or of other secrets, by a user who is not expected to read it. Attackers \
             use such keys to extend their access.",
        )
        .technique("T1552.007")
        .technique("T1552.004")
        .remediation(
            "Ask the user for the reason. If there is none, replace the content of the secret and \
             everything that can be obtained with it, and revoke the account's credentials.",
        )
        .false_positives(
            "Manual backups of keys, and people who troubleshoot an installation. Secrets are \
             recognized by name, and by type if the log contains the bodies of secrets.",
        )
        .severity_rules([APPLICATION, TOKEN, BY_HELM])
        .tuning("Add automation to `trusted-users`, and Kubernetes operators to `operators`.")
        .aggregated_by("actor, namespace, and content of the secret")
        .reference("https://attack.mitre.org/techniques/T1552/007/")
}

#[cfg(test)]
mod tests {
    use super::content;

    #[test]
    fn secrets_are_rated_by_name_and_type() {
        for (namespace, name, kind, severity) in [
            ("kube-system", "bootstrap-token-abcdef", "", Some(5.0)),
            ("shop", "bootstrap-token-abcdef", "", None),
            ("kube-system", "kubeadm-certs", "", Some(5.0)),
            ("ops", "sealed-secrets-keyx7k2p", "", Some(5.0)),
            ("shop", "sh.helm.release.v1.web.v3", "", Some(3.0)),
            ("shop", "regcred", "", Some(3.0)),
            ("shop", "any", "kubernetes.io/dockerconfigjson", Some(3.0)),
            ("velero", "cloud-credentials", "", Some(5.0)),
            ("istio-system", "cacerts", "", Some(5.0)),
            (
                "kube-system",
                "x",
                "kubernetes.io/service-account-token",
                Some(5.0),
            ),
            (
                "shop",
                "x",
                "kubernetes.io/service-account-token",
                Some(3.0),
            ),
            ("shop", "db", "Opaque", None),
            ("shop", "", "", None),
        ] {
            let found = content(namespace, name, kind).map(|content| content.severity);
            assert_eq!(found, severity, "{namespace}/{name} {kind}");
        }
    }
}
