//! Credentials in other hands than their owner's, and hands that try what they may not.
//!
//! Each file holds one rule. What they have in common is that who asked is not who should
//! have asked: a pod's token outside the cluster, a kubelet's certificate in curl, a name
//! that somebody took on, a user that nobody knows.

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
mod unknown;

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;

/// What is worth a line.
const LOW: f64 = 3.0;

/// How long what an identity has done once counts as known of it.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long something that goes on is reported once.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The detector.
pub struct CredentialMisuse {
    window: Duration,
    refusals: u32,
    trusted_users: Patterns,
    allowed_users: Patterns,
}

impl Detector for CredentialMisuse {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("credential-misuse", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds credentials that are used where or as they should not be: tokens outside the \
                 cluster, node credentials by hand, impersonation, bursts of refusals, faked user agents.",
            )
            // Where the nodes are is known for the whole cluster, or not at all.
            .ordered_by_cluster()
            .setting(
                "window",
                "How long refused requests are counted together.",
                Duration::from_secs(300),
            )
            .setting(
                "refusals",
                "How many different refused requests are a burst.",
                20,
            )
            .setting(
                "trusted-users",
                "User names, or beginnings with `*`, whose impersonation, use from outside or work as \
                 `system:masters` is not reported.",
                &[] as &[&str],
            )
            .setting(
                "allowed-users",
                "User names, or beginnings with `*`, of all people of this cluster. Empty turns \
                 UnknownUser off.",
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
            trusted_users: Patterns::of(settings, "trusted-users")?,
            allowed_users: Patterns::of(settings, "allowed-users")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if self.trusted_users.matches(event.user().username()) {
            return Ok(());
        }
        component::judge(event, findings)?;
        if event.user().is_control_plane() {
            return Ok(());
        }
        guessing::judge(event, findings)?;
        forbidden::judge(event, self.window, self.refusals, findings)?;
        outside::judge(event, findings)?;
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
        // What a component's credential is worth taking for, and the component seldom asks for.
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
        // The secret's type is in its body; its name tells it too.
        all()
            .verbs(["create", "update", "patch"])
            .api_groups([""])
            .resources(["secrets"])
            .namespaces(["kube-system"]),
        // What a faked user agent is worth faking for.
        all().resources(["pods/exec", "pods/attach", "pods/ephemeralcontainers"]),
        all()
            .verbs(["create", "update", "patch", "delete"])
            .api_groups(["rbac.authorization.k8s.io"])
            .resources(["*"]),
    ]
}

/// Whether a user is authenticated.
fn is_known(event: AuditEvent<'_>) -> bool {
    !event.user().username().is_empty() && !event.user().is_anonymous()
}

/// What a request was, in a line: `list secrets shop`.
fn request(event: AuditEvent<'_>) -> String {
    match event.object() {
        Some(object) if object.namespace().is_empty() => {
            format!("{} {}", event.verb(), event.resource())
        }
        Some(object) => format!(
            "{} {} {}",
            event.verb(),
            event.resource(),
            object.namespace()
        ),
        None => format!("{} {}", event.verb(), event.path()),
    }
}

wardline_sdk::detector!(CredentialMisuse);

#[cfg(test)]
mod tests;
