//! Changes to admission, API groups, authentication, DNS, nodes, leases, and static pods that the
//! control plane did not make.
//!
//! The previous state of objects is remembered, so that an object sent again is not reported and a
//! small patch is judged by what it changed.

mod api_service;
mod authentication;
mod dns;
mod endpoint;
mod engine;
mod lease;
mod lookalike;
mod memory;
mod node;
mod pod_security;
mod policy;
mod report;
mod service_account;
mod static_pod;
mod subscriptions;
#[cfg(test)]
mod tests;
mod webhook;

use std::time::Duration;

use memory::Memory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::{MINUTE, days};
use wardline_sdk::rules::{Installs, ObjectChange, TrustedUsers};

/// The detector of tampering with the control plane.
pub struct ControlPlaneIntegrity {
    remember: Duration,
    installs: Installs,
    trusted_users: TrustedUsers,
}

impl Detector for ControlPlaneIntegrity {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("control-plane-integrity", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds changes to admission, API groups, authentication, DNS, nodes, leases, and static \
                 pods that the control plane did not make.",
            )
            // One actor changes what another wrote.
            .ordered_by_cluster()
            .setting(
                "remember",
                "Period for which the previous state of an object is remembered.",
                days(90),
            )
            .setting(
                "install-window",
                "Period after a person creates a namespace in which their webhooks that call its \
                 services count as part of an installation.",
                MINUTE * 30,
            )
            .trusted_users();
        let descriptor = subscriptions::all()
            .into_iter()
            .fold(descriptor, Descriptor::audit);
        webhook::types()
            .into_iter()
            .chain(policy::types())
            .chain(api_service::types())
            .chain(authentication::types())
            .chain(lookalike::types())
            .chain(dns::types())
            .chain(pod_security::types())
            .chain(node::types())
            .chain(static_pod::types())
            .chain(lease::types())
            .chain(service_account::types())
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let remember = settings.duration("remember")?;
        Ok(Self {
            remember,
            installs: Installs::new(settings.duration("install-window")?, remember),
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if !event.changed_something() {
            return Ok(());
        }
        let found = self.judge(&ObjectChange::from_event(event))?;
        if !self.trusted_users.trusts(event) {
            findings.raise(found);
        }
        Ok(())
    }
}

impl ControlPlaneIntegrity {
    fn judge(&self, change: &ObjectChange<'_>) -> Result<Option<Finding>, DetectError> {
        let event = change.event;
        let memory = Memory::new(self.remember);
        let Some(object) = event.object() else {
            return Ok(None);
        };
        let deletes = matches!(event.verb(), "delete" | "deletecollection");
        match (object.api_group(), object.resource()) {
            (
                "admissionregistration.k8s.io"
                | "kyverno.io"
                | "policies.kyverno.io"
                | "templates.gatekeeper.sh"
                | "constraints.gatekeeper.sh",
                _,
            ) if deletes => policy::deleted(change, memory),
            (
                "admissionregistration.k8s.io",
                "mutatingwebhookconfigurations" | "validatingwebhookconfigurations",
            ) => webhook::judge(change, memory, self.installs),
            ("admissionregistration.k8s.io", _) => policy::judge(change, memory),
            (
                "kyverno.io"
                | "policies.kyverno.io"
                | "templates.gatekeeper.sh"
                | "constraints.gatekeeper.sh",
                _,
            ) => engine::judge(change, memory),
            ("apiregistration.k8s.io", _) => api_service::judge(change, memory),
            ("apiextensions.k8s.io", _) => api_service::conversion(change, memory),
            ("", "configmaps") if is_dns(event) => dns::judge(change, memory),
            ("", "configmaps") => authentication::judge(change, memory),
            ("", "namespaces") => {
                self.installs.observe(event)?;
                Ok(match lookalike::judge(change) {
                    Some(finding) => Some(finding),
                    None => pod_security::judge(change, memory)?,
                })
            }
            ("security.openshift.io" | "rbac.authorization.k8s.io", _) => {
                Ok(pod_security::constraints(change))
            }
            ("", "nodes") => Ok(node::judge(change)),
            ("", "pods") => static_pod::judge(change, self.remember),
            ("coordination.k8s.io", _) => lease::judge(change, memory),
            ("", "serviceaccounts") => Ok(service_account::judge(change)),
            _ => Ok(None),
        }
    }
}

fn is_dns(event: AuditEvent<'_>) -> bool {
    dns::NAMES.contains(&event.name())
}

wardline_sdk::detector!(ControlPlaneIntegrity);
