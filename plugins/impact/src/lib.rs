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
use wardline_sdk::rules::{Made, Requester, TrustedUsers, threshold};

/// The objects that actors made themselves.
const MADE: Made = Made::new(Made::RECENT);

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
                // Any kind: custom resources stand for databases, buckets, and whole clusters.
                AuditSubscription::new()
                    .verbs(["deletecollection"])
                    .resources(["*"])
                    .outcomes(["success"]),
            )
            .audit(
                // Objects that an actor made itself do not count when it deletes them.
                AuditSubscription::new()
                    .verbs(["create", "patch"])
                    .resources(deletion::RESOURCES)
                    .resources(backup::resources())
                    .resources(["poddisruptionbudgets"])
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
            || user.is_kubelet()
            || self.trusted_users.trusts(event)
            || event.dry_run()
        {
            return Ok(());
        }
        let deletes = matches!(event.verb(), "delete" | "deletecollection");
        MADE.observe(event)?;
        let resource = event.resource();
        if resource == "secrets" && release::is_record(event) {
            release::remember(event, self.window)?;
            return Ok(());
        }
        if deletes && MADE.take(event)? {
            return Ok(());
        }
        match resource.as_str() {
            "nodes" | "pods/eviction" => {
                drain::judge(event, self.window, self.nodes, findings)?;
                if deletes && event.resource_is("nodes", "") {
                    deletion::judge(event, self.window, self.deletions, findings)?;
                }
                Ok(())
            }
            "poddisruptionbudgets" if deletes => budget::judge(event, findings),
            _ if !deletes && location::is_of_location(event) => {
                location::judge(event, self.window, findings)
            }
            _ if matches!(event.verb(), "update" | "patch") && pause::is_schedule(event) => {
                pause::judge(event, findings)
            }
            _ if backup::is_backup(event) && is_removal(event) => backup::judge(event, findings),
            // Other API groups use the same resource names for other kinds.
            name if deletes
                && (deletion::RESOURCES.contains(&name) || is_foreign_collection(event)) =>
            {
                deletion::judge(event, self.window, self.deletions, findings)
            }
            name if stop::RESOURCES.contains(&name) => {
                stop::judge(event, self.window, self.stops, findings)
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether a program acts on its own: a service account without a tool that people and
/// scripts use. Such a tool shows that somebody has the account's token in hand.
fn is_robot(event: AuditEvent<'_>) -> bool {
    Requester::is_program(event)
}

/// Returns whether the request deletes a backup or asks for that.
fn is_removal(event: AuditEvent<'_>) -> bool {
    event.verb().starts_with("delete") || event.resource() == "deletebackuprequests"
}

/// Returns whether somebody other than a program deletes all objects of a kind that is not counted
/// otherwise. Events and leases are removed all the time and hold no data; `defense-evasion`
/// reports deleted events.
fn is_foreign_collection(event: AuditEvent<'_>) -> bool {
    event.verb() == "deletecollection"
        && !is_robot(event)
        && !matches!(event.resource().as_str(), "events" | "leases")
}

wardline_sdk::detector!(Impact);
