//! Who reads, tries to read or changes secrets that are not theirs.
//!
//! Pods get their secrets from the kubelet, and operators read those of the whole cluster as
//! a matter of course. What is left are people, who read one now and then, and whoever has
//! got hold of a credential and looks what it opens.

mod client;
mod cluster_wide;
mod config_map;
mod denied;
mod enumeration;
mod high_value;
mod pattern;
mod reader;
mod request;
mod tampering;

use std::time::Duration;

use request::{Answer, SecretRequest};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;
use wardline_sdk::rules::agent;

/// What is worth a line.
const LOW: f64 = 3.0;

/// How long what an account has done once counts as known of it.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long something that goes on is reported once.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Service accounts whose work is with secrets of all namespaces, as those projects' own
/// manifests install them.
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
    window: Duration,
    reads: u32,
    denials: u32,
    changes: u32,
    operators: Patterns,
    trusted_users: Patterns,
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
                "Finds accounts that read, try to read or change many secrets, or secrets that are not \
                 theirs, and credentials in config maps.",
            )
            .audit(
                secrets()
                    .verbs(["get", "list", "watch"])
                    .outcomes(["success", "denied"]),
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
                "How long requests are counted together.",
                Duration::from_secs(600),
            )
            .setting(
                "reads",
                "How many different secrets or namespaces are many, when they are read.",
                20,
            )
            .setting("denials", "How many are many, when they are refused.", 5)
            .setting(
                "changes",
                "How many are many, when a person changes or deletes them.",
                10,
            )
            .setting(
                "operators",
                "Service accounts, as `namespace:name` or a beginning with `*`, that read secrets of \
                 all namespaces.",
                OPERATORS,
            )
            .setting(
                "trusted-users",
                "User names, or beginnings with `*`, that are never reported.",
                &[] as &[&str],
            )
            .finding(enumeration::finding_type())
            .finding(cluster_wide::finding_type())
            .finding(denied::finding_type())
            .finding(reader::other_namespace_type())
            .finding(reader::script_type())
            .finding(high_value::finding_type())
            .finding(tampering::finding_type())
            .finding(config_map::finding_type())
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let count = |name| {
            u32::try_from(settings.integer(name)?)
                .ok()
                .filter(|count| (2..=1000).contains(count))
                .ok_or_else(|| format!("`{name}` must be from 2 to 1000"))
        };
        Ok(Self {
            window: settings.duration("window")?,
            reads: count("reads")?,
            denials: count("denials")?,
            changes: count("changes")?,
            operators: Patterns::of(settings, "operators")?,
            trusted_users: Patterns::of(settings, "trusted-users")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        // Kubelets read the secrets of their pods, each by name; what the Node
        // authorizer refuses them are those of pods that just left.
        if user.is_control_plane()
            || user.node().is_some()
            || self.trusted_users.matches(user.username())
        {
            return Ok(());
        }
        if event.resource_is("configmaps", "") {
            return config_map::judge(event, findings);
        }
        if !matches!(event.verb(), "get" | "list" | "watch") {
            return tampering::judge(event, self.window, self.changes, findings);
        }
        let Some(request) = SecretRequest::of(event) else {
            return Ok(());
        };
        match request.answer {
            Answer::Denied => {
                denied::judge(event, &request, self.window, findings)?;
                enumeration::count(self, event, &request, findings)
            }
            Answer::Given => self.read(event, &request, findings),
        }
    }
}

impl SecretAccess {
    /// One request is told once, by what is worst about it; many are told as such too.
    fn read(
        &self,
        event: AuditEvent<'_>,
        request: &SecretRequest,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let is_expected = self.is_operator(event);
        if !is_expected {
            let is_told = high_value::judge(event, findings)?
                || cluster_wide::judge(event, request, findings)?;
            if !is_told {
                reader::judge(event, request, self.window, findings)?;
            }
        }
        if request.takes_all() {
            return Ok(());
        }
        enumeration::count(self, event, request, findings)
    }

    /// Whether this is an operator at its work. Such a token in curl is not.
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

/// Whether a request is Helm's for its own records: they are secrets with a label, and names
/// that begin alike (<https://helm.sh/docs/topics/kubernetes_apis/>, `storage/driver`).
fn is_release_record(event: AuditEvent<'_>) -> bool {
    event.name().starts_with("sh.helm.release.")
        || event
            .request_uri()
            .split_once('?')
            .is_some_and(|(_, query)| {
                query.contains("owner%3Dhelm") || query.contains("owner=helm")
            })
}

wardline_sdk::detector!(SecretAccess);

#[cfg(test)]
mod tests;
