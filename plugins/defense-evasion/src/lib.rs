//! Detects requests that weaken the cluster's defenses or destroy evidence: events, security
//! and log agents, network policies, quotas and limits, and the audit log itself.
//!
//! Admission webhooks and admission policies belong to `control-plane-integrity`.

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
use wardline_sdk::rules::TrustedUsers;
use wardline_sdk::rules::resources::LONG_RUNNING;

use agent::Agents;

/// The detector.
pub struct DefenseEvasion {
    trusted_users: TrustedUsers,
    agents: Agents,
}

impl Detector for DefenseEvasion {
    fn describe() -> Descriptor {
        let deletes = || AuditSubscription::new().verbs(["delete", "deletecollection"]);
        let descriptor = Descriptor::new("defense-evasion", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects deleted events, disabled security and log agents, deleted or weakened network \
                 policies and limits, and disabled audit logs.",
            )
            .audit(
                deletes()
                    .api_groups(["", "events.k8s.io"])
                    .resources(["events"]),
            )
            .audit(deletes().resources(LONG_RUNNING).resources(agent::OTHERS))
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch"])
                    .resources(LONG_RUNNING)
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
                "Words that identify security and log agents in names, namespaces, labels, and images.",
                agent::DEFAULT,
            )
            .trusted_users();
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted_users: TrustedUsers::from_settings(settings)?,
            agents: Agents::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        // The namespace controller deletes all of these objects together with their namespace.
        if user.is_control_plane() || self.trusted_users.trusts(event) || user.username().is_empty()
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
