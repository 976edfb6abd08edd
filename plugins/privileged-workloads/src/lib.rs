//! Workloads that reach for their node: privileged containers, sensitive directories, the
//! node's namespaces, capabilities, weak isolation; pods that are put past the scheduler or
//! shown as a kubelet's own; and who tries what would be let through.
//!
//! Judged is who asks for it, once: the pods that a controller makes of a workload are
//! the workload's, and an object that is sent again as it was is no news. The types
//! of privileged containers and directories are Amazon GuardDuty's (retired there on 29 May
//! 2026 in favour of a learned baseline), with its severities whoever makes them; the others are
//! rated Low where a package or the platform brings them.

mod bound;
mod capability;
mod container;
mod danger;
mod host_namespace;
mod host_path;
mod isolation;
mod mirror;
mod persistent_volume;
mod placement;
mod probe;
mod reach;
mod refusal;
#[cfg(test)]
mod tests;
mod types;

use std::time::Duration;

use probe::Probe;
use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Change;

/// What makes pods.
const RESOURCES: [&str; 10] = [
    "pods",
    "pods/ephemeralcontainers",
    "podtemplates",
    "replicationcontrollers",
    "deployments",
    "daemonsets",
    "statefulsets",
    "replicasets",
    "jobs",
    "cronjobs",
];

/// The detector.
pub struct PrivilegedWorkloads {
    remember: Duration,
    trusted_images: Vec<String>,
    probe: Probe,
}

impl Detector for PrivilegedWorkloads {
    fn describe() -> Descriptor {
        let workloads = || {
            AuditSubscription::new()
                .verbs(["create", "update", "patch"])
                .api_groups(["", "apps", "batch"])
                .resources(RESOURCES)
        };
        let bindings = AuditSubscription::new()
            .verbs(["create"])
            .api_groups([""])
            .resources(["pods/binding", "bindings"])
            .outcomes(["success"]);
        let volumes = AuditSubscription::new()
            .verbs(["create", "patch"])
            .api_groups([""])
            .resources(["persistentvolumes"])
            .outcomes(["success"])
            .needs_level(Level::Request);
        let descriptor = Descriptor::new("privileged-workloads", env!("CARGO_PKG_VERSION"))
            .description(
                "Finds workloads that reach for their node, and who tries to make them.",
            )
            .audit(
                workloads()
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(workloads().outcomes(["denied"]))
            .audit(bindings)
            .audit(volumes)
            .except_control_plane()
            .remembers(["pods", "workloads"])
            .setting(
                "remember",
                "How long an account that makes such pods of an image in a namespace is known to do so.",
                Duration::from_secs(30 * 24 * 3600),
            )
            .setting(
                "trusted-images",
                "Beginnings of images that are never reported, such as `registry.example.com/platform/`.",
                &[] as &[&str],
            )
            .setting(
                "probes",
                "How many dry runs of dangerous pods, or different refused ones, are a probe.",
                3,
            )
            .setting(
                "probe-window",
                "How long such tries are counted together.",
                Duration::from_secs(600),
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let remember = settings.duration("remember")?;
        let limit = settings.integer("probes")?;
        Ok(Self {
            remember,
            trusted_images: settings.texts("trusted-images")?.to_vec(),
            probe: Probe {
                limit: u32::try_from(limit)
                    .ok()
                    .filter(|limit| (2..=1000).contains(limit))
                    .ok_or_else(|| format!("`probes` is {limit}; it must be from 2 to 1000"))?,
                window: settings.duration("probe-window")?,
                remember,
            },
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if event.user().is_control_plane() && event.impersonated_user().is_none() {
            return Ok(());
        }
        if event.denied() {
            return self.probe.denied(event, findings);
        }
        if event.dry_run() {
            return self.probe.dry_run(event, findings);
        }
        if event.resource_is("pods", "binding") || event.resource_is("bindings", "") {
            return self.bound(event, bound::by_binding(event), findings);
        }
        if event.resource_is("persistentvolumes", "") {
            return self.volume(event, findings);
        }
        self.mirror(event, findings)?;
        if mirror::is_control_plane(event) {
            return Ok(());
        }
        match Change::of(event) {
            Some(change) => self.judge(&change, findings),
            None => Ok(()),
        }
    }
}

wardline_sdk::detector!(PrivilegedWorkloads);
