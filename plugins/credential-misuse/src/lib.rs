//! Credentials that are used by others than their owners, and probing of permissions.
//!
//! Each file holds one rule about a user who does not fit the request: a pod's token outside the
//! cluster, a kubelet's certificate used with curl, an impersonated administrator, an unknown user.

mod agent;
mod bootstrap;
mod break_glass;
mod component;
mod forbidden;
mod guessing;
mod impersonation;
mod network;
mod node;
mod outside;
mod pod_token;
mod request;
mod unknown;

use std::time::Duration;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent as tools;
use wardline_sdk::rules::time::MINUTE;
use wardline_sdk::rules::{Patterns, TrustedUsers};

/// The detector of misused credentials.
pub struct CredentialMisuse {
    window: Duration,
    refusals: u32,
    trusted_users: TrustedUsers,
    allowed_users: Patterns,
}

impl Detector for CredentialMisuse {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("credential-misuse", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds misused credentials: tokens outside the cluster, node credentials used by hand, \
                 impersonation, bursts of denied requests, and spoofed user agents.",
            )
            // The addresses of nodes are remembered for the whole cluster.
            .ordered_by_cluster()
            .setting(
                "window",
                "Period over which denied requests are counted.",
                MINUTE * 5,
            )
            .setting(
                "refusals",
                "Number of different denied requests within `window` that is a burst, 5 to 1000.",
                20,
            )
            .trusted_users()
            .setting(
                "allowed-users",
                "Users who are expected in this cluster. A trailing `*` matches any suffix. Empty turns \
                 `Policy:Kubernetes/UnknownUser` off.",
                &[] as &[&str],
            );
        let descriptor = subscriptions()
            .into_iter()
            .fold(descriptor, Descriptor::audit);
        [
            component::finding_type(),
            forbidden::finding_type(),
            guessing::finding_type(),
            outside::finding_type(),
            node::finding_type(),
            impersonation::finding_type(),
            break_glass::finding_type(),
            network::finding_type(),
            bootstrap::finding_type(),
            agent::spoofed_type(),
            agent::unusual_type(),
            unknown::finding_type(),
        ]
        .into_iter()
        .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let refusals = u32::try_from(settings.integer("refusals")?)
            .ok()
            .filter(|count| (5..=1000).contains(count))
            .ok_or("`refusals` must be from 5 to 1000")?;
        Ok(Self {
            window: settings.duration("window")?,
            refusals,
            trusted_users: TrustedUsers::from_settings(settings)?,
            allowed_users: Patterns::from_setting(settings, "allowed-users")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if self.trusted_users.trusts(event) {
            return Ok(());
        }
        pod_token::learn(event)?;
        component::judge(event, findings)?;
        if event.user().is_control_plane() {
            return Ok(());
        }
        guessing::judge(event, findings)?;
        forbidden::judge(event, self.window, self.refusals, findings)?;
        outside::judge(event, findings)?;
        pod_token::judge(event, findings)?;
        node::judge(event, findings)?;
        impersonation::judge(event, findings)?;
        break_glass::judge(event, findings)?;
        network::judge(event, findings)?;
        bootstrap::judge(event, findings)?;
        agent::judge(event, findings)?;
        unknown::judge(event, &self.allowed_users, findings)
    }
}

fn subscriptions() -> Vec<AuditSubscription> {
    let all = AuditSubscription::new;
    let nodes = || all().usernames(["system:node:*"]);
    let components = || {
        all().usernames([
            "system:apiserver",
            "system:kube-controller-manager",
            "system:kube-scheduler",
            "system:kube-proxy",
            "system:serviceaccount:kube-system:*",
        ])
    };
    let service_accounts = || all().usernames(["system:serviceaccount:*"]);
    vec![
        all().outcomes(["denied"]),
        all().impersonated(),
        all().addresses(["public"]),
        all()
            .groups(["system:masters"])
            .verbs(["create", "update", "patch", "delete", "deletecollection"])
            .outcomes(["success"]),
        // Requests that make a component's credential worth stealing, and that components rarely make.
        components().resources([
            "secrets",
            "pods/exec",
            "pods/attach",
            "pods/ephemeralcontainers",
            "nodes/proxy",
            "selfsubjectreviews",
            "selfsubjectrulesreviews",
            "selfsubjectaccessreviews",
        ]),
        components()
            .verbs(["create"])
            .resources(["serviceaccounts/token"]),
        nodes()
            .verbs(["create"])
            .resources(["pods", "serviceaccounts/token"]),
        nodes().verbs(["list"]).resources([
            "pods",
            "nodes",
            "namespaces",
            "secrets",
            "configmaps",
            "services",
        ]),
        service_accounts().verbs(["create"]).resources([
            "selfsubjectreviews",
            "selfsubjectrulesreviews",
            "selfsubjectaccessreviews",
        ]),
        service_accounts().verbs(["list"]).resources([
            "namespaces",
            "nodes",
            "secrets",
            "serviceaccounts",
            "roles",
            "clusterroles",
            "rolebindings",
            "clusterrolebindings",
        ]),
        // A workload's token in a tool of people, wherever it is used.
        service_accounts().user_agents(tools::hand_tool_marks()),
        // The addresses of pods, and those from which their programs call: every client that runs
        // for long lists and watches.
        nodes()
            .verbs(["patch"])
            .resources(["pods/status"])
            .outcomes(["success"])
            .needs_level(Level::Request),
        service_accounts()
            .verbs(["list", "watch"])
            .outcomes(["success"]),
        // Bootstrap tokens: known by the type in the body, or by the name alone.
        all()
            .verbs(["create", "update", "patch"])
            .api_groups([""])
            .resources(["secrets"])
            .namespaces(["kube-system"]),
        // Requests that a spoofed user agent would hide.
        all().resources(["pods/exec", "pods/attach", "pods/ephemeralcontainers"]),
        all()
            .verbs(["create", "update", "patch", "delete"])
            .api_groups(["rbac.authorization.k8s.io"])
            .resources(["*"]),
    ]
}

wardline_sdk::detector!(CredentialMisuse);

#[cfg(test)]
mod tests;
