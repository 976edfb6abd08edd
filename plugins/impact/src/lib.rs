//! Detects requests that destroy or stop a cluster's work: mass deletion, stopped services,
//! drained nodes, and deleted or redirected backups.
//!
//! One deletion is a normal request; an attack or a mistake consists of many in a short time
//! (ATT&CK T1485, T1489, T1490). Controllers and kubelets delete all day, and are recognized by
//! their user and groups.

mod backup;
mod budget;
mod deletion;
mod drain;
mod location;
mod member;
mod pause;
mod release;
mod stop;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::MINUTE;
use wardline_sdk::rules::{TrustedUsers, threshold};

/// The detector.
pub struct Impact {
    trusted_users: TrustedUsers,
    window: Duration,
    deletions: u32,
    stops: u32,
    nodes: u32,
}

impl Detector for Impact {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("impact", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects mass deletion, workloads scaled to zero, drained nodes, deleted disruption \
                 budgets, deleted or paused backups, and backups written to a new location.",
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["delete", "deletecollection"])
                    .resources(deletion::RESOURCES)
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["delete", "deletecollection"])
                    .resources(backup::resources()),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create"])
                    .api_groups(["velero.io"])
                    .resources(["deletebackuprequests"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch"])
                    .api_groups(pause::groups())
                    .resources(pause::resources())
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .api_groups(location::GROUPS)
                    .resources(location::RESOURCES)
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create"])
                    .api_groups(["velero.io"])
                    .resources([location::BACKUPS])
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch"])
                    .api_groups([""])
                    .resources(["secrets"])
                    .names([release::RECORDS])
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["delete", "deletecollection"])
                    .api_groups(["policy"])
                    .resources(["poddisruptionbudgets"])
                    .outcomes(["success"]),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch"])
                    .resources(stop::RESOURCES)
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["update", "patch", "delete"])
                    .api_groups([""])
                    .resources(["nodes"])
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create"])
                    .resources(["pods/eviction"])
                    .outcomes(["success"]),
            )
            .except_control_plane()
            .except_usernames(["system:node:*"])
            .remembers(["workloads", "pods"])
            .trusted_users()
            .setting(
                "window",
                "Period over which requests are counted.",
                MINUTE * 10,
            )
            .setting(
                "deletions",
                "Minimum number of different deleted objects for a finding; twice as many for a \
                 service account.",
                5,
            )
            .setting(
                "stops",
                "Minimum number of different workloads scaled to zero for a finding.",
                4,
            )
            .setting(
                "nodes",
                "Minimum number of cordoned, drained, or deleted nodes for a finding.",
                3,
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted_users: TrustedUsers::from_settings(settings)?,
            window: settings.duration("window")?,
            deletions: threshold(settings, "deletions")?,
            stops: threshold(settings, "stops")?,
            nodes: threshold(settings, "nodes")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        // Kubelets delete their own pods and node objects.
        if user.is_control_plane()
            || user.node().is_some()
            || self.trusted_users.includes(user)
            || event.dry_run()
        {
            return Ok(());
        }
        let deletes = matches!(event.verb(), "delete" | "deletecollection");
        let resource = event.resource();
        match resource.as_str() {
            "nodes" | "pods/eviction" => {
                drain::judge(event, self.window, self.nodes, findings)?;
                if deletes && event.resource_is("nodes", "") {
                    deletion::judge(event, self.window, self.deletions, findings)?;
                }
                Ok(())
            }
            "secrets" if release::is_record(event) => release::remember(event, self.window),
            "poddisruptionbudgets" => budget::judge(event, findings),
            _ if !deletes && location::is_of_location(event) => {
                location::judge(event, self.window, findings)
            }
            _ if matches!(event.verb(), "update" | "patch") && pause::is_schedule(event) => {
                pause::judge(event, findings)
            }
            _ if backup::is_backup(event) => {
                backup::judge(event, findings);
                Ok(())
            }
            // Other API groups use the same resource names for other kinds.
            name if deletes && deletion::RESOURCES.contains(&name) => {
                deletion::judge(event, self.window, self.deletions, findings)
            }
            name if stop::RESOURCES.contains(&name) => {
                stop::judge(event, self.window, self.stops, findings)
            }
            _ => Ok(()),
        }
    }
}

wardline_sdk::detector!(Impact);
