//! Workloads with attackers' commands or images, disguises, unexpected changes, or undue access.
//!
//! Only the original request is judged: pods that a controller creates for a workload are not
//! reported again unless the log lacks the workload, nor are objects that are sent again unchanged.
//! Commands of containers are read as `pod-exec` reads those of an exec. Administrators, Helm, GitOps,
//! and Kubernetes operators install things all day, so an installation alone is Low and reported once.

mod account;
mod command;
mod container;
mod cron_job;
mod daemon_set;
mod deployer;
mod image;
mod image_swap;
mod masquerade;
mod request;
mod resources;
mod settings;
mod sidecar;
mod signs;
mod subscriptions;
mod system_namespace;
mod truncated;
mod unseen;

#[cfg(test)]
mod tests;

use request::WorkloadRequest;
use settings::Tuning;
use wardline_sdk::prelude::*;

/// The detector.
pub struct SuspiciousWorkloads {
    tuning: Tuning,
}

impl Detector for SuspiciousWorkloads {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("suspicious-workloads", env!("CARGO_PKG_VERSION"))
            .description(
                "Detects workloads with commands or images of attackers, workloads that persist \
                 or are disguised as cluster components, containers and images that an unexpected \
                 user changed, and undue service accounts and resources.",
            )
            .remembers(["pods", "workloads", "bindings"]);
        let descriptor = subscriptions::add(settings::add(descriptor));
        [
            command::suspicious_type(),
            command::miner_type(),
            image::suspicious_type(),
            image::registry_type(),
            cron_job::finding_type(),
            daemon_set::finding_type(),
            system_namespace::finding_type(),
            sidecar::finding_type(),
            image_swap::finding_type(),
            account::finding_type(),
            masquerade::finding_type(),
            resources::finding_type(),
            truncated::finding_type(),
        ]
        .into_iter()
        .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        Ok(Self {
            tuning: Tuning::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        let tuning = &self.tuning;
        // A kubelet creates mirror pods for the static pods on its disk.
        if !event.changed_something() || user.is_kubelet() || tuning.trusts(event) {
            return Ok(());
        }
        // Pods of controllers were judged with their workload, if the log has it.
        if user.is_control_plane() {
            return unseen::judge(event, tuning, findings);
        }
        if event
            .object()
            .is_some_and(|object| object.subresource() == "scale")
        {
            return resources::judge_scale(event, tuning, findings);
        }
        let request = WorkloadRequest::from_event(event, tuning);
        truncated::judge(&request, tuning, findings)?;
        let command = command::judge(&request, tuning, findings)?;
        let image = image::judge(&request, tuning, findings)?;
        let is_suspicious = command || image;
        let is_disguised = masquerade::judge(&request, tuning, findings)?;
        let is_persistent = cron_job::judge(&request, is_suspicious, tuning, findings)?
            || daemon_set::judge(&request, is_suspicious || is_disguised, tuning, findings)?;
        if !is_persistent {
            system_namespace::judge(&request, is_suspicious, tuning, findings)?;
        }
        if !sidecar::judge(&request, is_suspicious, tuning, findings)? {
            image_swap::judge(&request, tuning, findings)?;
        }
        account::judge(&request, tuning, findings)?;
        resources::judge(&request, tuning, findings)
    }
}

wardline_sdk::detector!(SuspiciousWorkloads);
