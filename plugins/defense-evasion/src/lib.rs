//! Requests that take away what protects the cluster or tells of an attack: events, security
//! and log agents, network policies, limits, the audit log itself.
//!
//! Admission webhooks and policies are another detector's.

mod agent;
mod audit;
mod events;
mod limits;
mod network;
mod types;

#[cfg(test)]
mod tests;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;

use agent::Agents;

/// The detector.
pub struct DefenseEvasion {
    trusted: Patterns,
    agents: Agents,
}

impl Detector for DefenseEvasion {
    fn describe() -> Descriptor {
        let deletes = || AuditSubscription::new().verbs(["delete", "deletecollection"]);
        let descriptor = Descriptor::new("defense-evasion", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds events, security and log agents, network policies and limits that are removed or \
                 made useless, and audit logs that are switched off.",
            )
            .audit(
                deletes()
                    .api_groups(["", "events.k8s.io"])
                    .resources(["events"]),
            )
            .audit(deletes().resources(agent::WORKLOADS).resources(agent::OTHERS))
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch"])
                    .resources(agent::WORKLOADS)
                    .resources(agent::SCALES)
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch", "delete"])
                    .api_groups([""])
                    .resources(["configmaps"])
                    .names(agent::CONFIGURATIONS)
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .api_groups(audit::groups())
                    .resources(audit::resources())
                    .needs_level(Level::Request),
            )
            .audit(deletes().resources(network::RESOURCES))
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .api_groups(["networking.k8s.io", "extensions"])
                    .resources(["networkpolicies"])
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                deletes()
                    .api_groups([""])
                    .resources(["resourcequotas", "limitranges"]),
            )
            .except_control_plane()
            .remembers(["workloads"])
            .setting(
                "agents",
                "Words in names, labels, namespaces and images of security and log agents.",
                agent::DEFAULT,
            )
            .setting(
                "trusted-users",
                "User names, or prefixes that end in `*`, of who manages agents and policies.",
                [] as [&str; 0],
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted: Patterns::of(settings, "trusted-users")?,
            agents: Agents::of(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        // A namespace takes all of this along; its controller does so, and reports to nobody.
        if user.is_control_plane()
            || self.trusted.matches(user.username())
            || user.username().is_empty()
        {
            return Ok(());
        }
        let Some(object) = event.object() else {
            return Ok(());
        };
        match object.resource() {
            "events" => events::judge(event, findings),
            "resourcequotas" | "limitranges" => return limits::judge(event, findings),
            _ if audit::is_source(event) => return audit::judge(event, findings),
            resource if network::RESOURCES.contains(&resource) => {
                return network::judge(event, findings);
            }
            _ => {
                network::remember_uninstall(event)?;
                self.agents.judge(event, findings);
            }
        }
        Ok(())
    }
}

wardline_sdk::detector!(DefenseEvasion);
