//! Secrets that are read, requested, or changed by users who are not expected to.
//!
//! Pods get their secrets from the kubelet, and Kubernetes operators read those of the whole
//! cluster as part of their work. The remaining requests come from people, who read a secret now
//! and then, and from attackers who try what a stolen credential gives access to.

mod client;
mod cluster_wide;
mod config_map;
mod denied;
mod enumeration;
mod high_value;
mod pattern;
mod person;
mod reader;
mod request;
mod tampering;

use enumeration::Thresholds;
use request::{Outcome, SecretRequest};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::MINUTE;
use wardline_sdk::rules::{Patterns, TrustedUsers, agent, threshold};

/// Service accounts that read secrets of all namespaces as part of their work, as the manifests of
/// their projects install them.
const OPERATORS: [&str; 24] = [
    "kube-system:*",
    "argocd:*",
    "cattle-*",
    "cert-manager:*",
    "crossplane-system:*",
    "external-secrets:*",
    "flux-system:*",
    "gatekeeper-system:*",
    "ingress-nginx:*",
    "istio-system:*",
    "kube-state-metrics:*",
    "kyverno:*",
    "linkerd:*",
    "monitoring:*",
    "olm:*",
    "openshift-*",
    "operators:*",
    "prometheus:*",
    "sealed-secrets:*",
    "strimzi:*",
    "traefik:*",
    "vault:*",
    "vault-secrets-operator-system:*",
    "velero:*",
];

/// The detector.
pub struct SecretAccess {
    thresholds: Thresholds,
    changes: u32,
    operators: Patterns,
    trusted_users: TrustedUsers,
}

impl Detector for SecretAccess {
    fn describe() -> Descriptor {
        let secrets = || {
            AuditSubscription::new()
                .api_groups([""])
                .resources(["secrets"])
        };
        Descriptor::new("secret-access", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects accounts that read, request, or change many secrets or secrets of \
                 others, and credentials in ConfigMaps.",
            )
            .audit(
                secrets()
                    .verbs(["get", "list", "watch"])
                    .outcomes(["success", "denied"]),
            )
            .audit(
                // Requests for names that do not exist (404).
                secrets().verbs(["get"]).outcomes(["failure"]),
            )
            .audit(
                secrets()
                    .verbs(["create", "update", "patch", "delete", "deletecollection"])
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .api_groups([""])
                    .resources(["configmaps"])
                    .outcomes(["success"])
                    .needs_level(wardline_sdk::contract::Level::Request),
            )
            .except_control_plane()
            .except_usernames(["system:node:*"])
            .setting(
                "window",
                "Period over which requests are counted.",
                MINUTE * 10,
            )
            .setting(
                "reads",
                "Number of different secrets or namespaces read within `window` that are reported.",
                20,
            )
            .setting(
                "denials",
                "Number of different requests within `window` that are reported if they are denied or \
                 a person asks for secrets that do not exist.",
                5,
            )
            .setting(
                "changes",
                "Number of different secrets that a person changes or deletes within `window` \
                 that are reported. Creations are counted separately.",
                10,
            )
            .setting(
                "operators",
                "Service accounts, as `namespace:name`, that read secrets of all namespaces as \
                 part of their work. A trailing `*` matches any suffix.",
                OPERATORS,
            )
            .trusted_users()
            .finding(enumeration::finding_type())
            .finding(cluster_wide::finding_type())
            .finding(denied::finding_type())
            .finding(reader::other_namespace_type())
            .finding(reader::script_type())
            .finding(person::finding_type())
            .finding(high_value::finding_type())
            .finding(tampering::finding_type())
            .finding(config_map::finding_type())
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            thresholds: Thresholds {
                reads: threshold(settings, "reads")?,
                denials: threshold(settings, "denials")?,
                window: settings.duration("window")?,
            },
            changes: threshold(settings, "changes")?,
            operators: Patterns::from_setting(settings, "operators")?,
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        // Kubelets read the secrets of their pods by name. The Node authorizer denies them those
        // of pods that have just left the node.
        if user.is_control_plane() || user.is_kubelet() || self.trusted_users.trusts(event) {
            return Ok(());
        }
        if event.resource_is("configmaps", "") {
            return config_map::judge(event, findings);
        }
        if !matches!(event.verb(), "get" | "list" | "watch") {
            enumeration::created(self.thresholds, event)?;
            tampering::created(event)?;
            return tampering::judge(event, self.thresholds.window, self.changes, findings);
        }
        let Some(request) = SecretRequest::from_event(event) else {
            return Ok(());
        };
        match request.outcome {
            Outcome::Denied => {
                denied::judge(event, &request, self.thresholds.window, findings)?;
                enumeration::count_attempt(self.thresholds, event, &request, findings)
            }
            Outcome::Missing => {
                enumeration::count_attempt(self.thresholds, event, &request, findings)
            }
            Outcome::Allowed => self.read(event, &request, findings),
        }
    }
}

impl SecretAccess {
    /// Judges a request that returned secrets. It is reported once, by the most severe rule, and
    /// counted as part of an enumeration.
    fn read(
        &self,
        event: AuditEvent<'_>,
        request: &SecretRequest,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if !self.is_operator(event) {
            let is_reported = high_value::judge(event, findings)?
                || cluster_wide::judge(event, request, findings)?;
            if !is_reported {
                reader::judge(event, request, self.thresholds.window, findings)?;
            }
        }
        if request.is_cluster_wide() {
            return Ok(());
        }
        enumeration::count_read(self.thresholds, event, request, findings)
    }

    /// Whether this is a Kubernetes operator at its work, and not its token in a tool such as curl.
    fn is_operator(&self, event: AuditEvent<'_>) -> bool {
        event
            .user()
            .service_account()
            .is_some_and(|(namespace, name)| {
                self.operators.matches(&format!("{namespace}:{name}"))
                    && agent::hand_tool(event.user_agent()).is_none()
            })
    }
}

wardline_sdk::detector!(SecretAccess);

#[cfg(test)]
mod tests;
