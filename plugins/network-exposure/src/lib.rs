//! Detects services that are exposed to a network, unsafe ingresses, and redirected traffic.
//!
//! The findings for the Kubernetes Dashboard and Kubeflow are Amazon GuardDuty's
//! (<https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-finding-types-eks-audit-logs.html>);
//! other consoles and databases are detected in the same way. The state of objects is remembered
//! for the whole cluster, so that a re-apply by another account is not reported again.

mod backend;
mod controller;
mod endpoints;
mod entrance;
mod ingress;
mod object;
mod ports;
mod reach;
mod route;
mod selector;
mod service;
mod snippet;
mod software;
mod takeover;
mod types;

#[cfg(test)]
mod tests;

use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::TrustedUsers;

/// The detector.
pub struct NetworkExposure {
    trusted_users: TrustedUsers,
}

impl Detector for NetworkExposure {
    fn describe() -> Descriptor {
        let writes = || {
            AuditSubscription::new()
                .verbs(["create", "update", "patch"])
                .outcomes(["success"])
                .needs_level(Level::Request)
        };
        let descriptor = Descriptor::new("network-exposure", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects dashboards, consoles, and databases that are exposed to a network, unsafe \
                 ingresses, and services whose traffic is redirected.",
            )
            .audit(writes().api_groups([""]).resources([
                "services",
                "services/status",
                "endpoints",
            ]))
            .audit(
                writes()
                    .api_groups(["networking.k8s.io", "extensions"])
                    .resources(["ingresses"]),
            )
            // The admission webhook of ingress-nginx runs what it tests, so a rejected request or a
            // dry run may have run its content.
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "update", "patch"])
                    .outcomes(["denied", "failure"])
                    .needs_level(Level::Request)
                    .api_groups(["networking.k8s.io", "extensions"])
                    .resources(["ingresses"]),
            )
            .audit(
                writes()
                    .api_groups([""])
                    .resources(["configmaps"])
                    .namespaces(controller::NAMESPACES),
            )
            .audit(
                writes()
                    .api_groups([""])
                    .resources(["configmaps"])
                    .names(controller::NAMES),
            )
            .audit(
                writes()
                    .api_groups(["discovery.k8s.io"])
                    .resources(["endpointslices"]),
            )
            .audit(
                writes()
                    .api_groups(route::GROUPS)
                    .resources(route::RESOURCES),
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["delete", "deletecollection"])
                    .resources(["services", "ingresses"])
                    .outcomes(["success"]),
            )
            .remembers(["workloads"])
            .ordered_by_cluster()
            .trusted_users();
        types::all().fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let resource = event.resource();
        let is_done = event.succeeded() && !event.dry_run();
        if !is_done && resource != "ingresses" {
            return Ok(());
        }
        if event.verb().starts_with("delete") {
            return match resource.as_str() {
                _ if !is_done => Ok(()),
                "ingresses" => takeover::forget(event),
                _ => service::forget(event),
            };
        }
        let user = event.actor();
        let is_routine = user.is_control_plane() || self.trusted_users.trusts(event);
        if is_routine {
            return match resource.as_str() {
                "endpoints" | "endpointslices" => endpoints::remember(event),
                _ => Ok(()),
            };
        }
        match resource.as_str() {
            "services" => {
                service::judge(event, findings)?;
                selector::judge(event, findings)
            }
            "services/status" => {
                service::judge_status(event, findings);
                Ok(())
            }
            "ingresses" if !is_done => snippet::judge_attempt(event, findings),
            "ingresses" => {
                ingress::judge(event, findings)?;
                snippet::judge(event, findings)?;
                takeover::judge(event, findings)
            }
            "endpoints" | "endpointslices" => endpoints::judge(event, findings),
            "configmaps" => controller::judge(event, findings),
            _ => route::judge(event, findings),
        }
    }
}

wardline_sdk::detector!(NetworkExposure);
