//! Workloads that run, hide or take over what they should not.
//!
//! Judged is who asks for it, once: the pods that a controller makes of a workload are the
//! workload's, and an object that is sent again as it was is no news. What a container runs is
//! read as `pod-exec` reads the commands of an exec. Installing things is what administrators,
//! Helm, GitOps and operators do all day: that alone is Low, and said once.

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

#[cfg(test)]
mod tests;

use request::Request;
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
                "Finds workloads with commands or images that attackers use, workloads that come back by \
                 themselves or hide among the cluster's own, containers and images that are changed by \
                 others than who deploys them, and accounts and resources that a workload should not have.",
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
            tuning: Tuning::of(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.user();
        // What controllers make of a workload was judged with the workload. A kubelet shows
        // the pods that it runs from its own disk.
        if !event.changed_something() || user.is_control_plane() || user.node().is_some() {
            return Ok(());
        }
        let tuning = &self.tuning;
        if tuning.trusts(event) {
            return Ok(());
        }
        if event
            .object()
            .is_some_and(|object| object.subresource() == "scale")
        {
            return resources::judge_scale(event, tuning, findings);
        }
        let request = Request::of(event, tuning);
        truncated::judge(&request, tuning, findings)?;
        let command = command::judge(&request, tuning, findings)?;
        let image = image::judge(&request, tuning, findings)?;
        let is_suspicious = command || image;
        let is_masked = masquerade::judge(&request, findings);
        let comes_back = cron_job::judge(&request, is_suspicious, tuning, findings)?
            || daemon_set::judge(&request, is_suspicious || is_masked, tuning, findings)?;
        if !comes_back {
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
