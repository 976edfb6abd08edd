//! Requests that take a cluster's work away: objects deleted in numbers, services stopped,
//! nodes emptied, backups removed or sent elsewhere.
//!
//! One deletion is a normal request. What an attacker, or somebody by mistake, does is many
//! in a short time (ATT&CK T1485, T1489, T1490); controllers and kubelets do that all day
//! and are told by their user and groups.

mod backup;
mod budget;
mod deletion;
mod drain;
mod location;
mod pause;
mod release;
mod stop;
mod types;

#[cfg(test)]
mod tests;

use std::time::Duration;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Patterns, threshold};

/// What is worth a line.
const LOW: f64 = 3.0;

/// How long what was said of an actor is not said again.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The detector.
pub struct Impact {
    trusted: Patterns,
    window: Duration,
    deletions: u32,
    stops: u32,
    nodes: u32,
}

impl Detector for Impact {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("impact", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds mass deletion, workloads that are scaled to zero, nodes that are emptied, and \
                 backups and disruption budgets that are deleted, and backups that go elsewhere.",
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
            .setting(
                "trusted-users",
                "User names, or prefixes that end in `*`, of who does such things as their work.",
                [] as [&str; 0],
            )
            .setting(
                "window",
                "How long requests are counted together.",
                Duration::from_secs(600),
            )
            .setting(
                "deletions",
                "How many different deleted objects are many; of a service account twice as many.",
                5,
            )
            .setting(
                "stops",
                "How many different workloads scaled to zero are many.",
                4,
            )
            .setting("nodes", "How many emptied or deleted nodes are many.", 3);
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted: Patterns::of(settings, "trusted-users")?,
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
        // Kubelets remove their own pods and node objects.
        if user.is_control_plane()
            || user.node().is_some()
            || self.trusted.matches(user.username())
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
            _ if matches!(event.verb(), "update" | "patch") && pause::is_maker(event) => {
                pause::judge(event, findings)
            }
            _ if backup::is_backup(event) => {
                backup::judge(event, findings);
                Ok(())
            }
            // Other groups have backups, snapshots and policies of another kind.
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
