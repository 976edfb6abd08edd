//! Workloads with access to their node: privileged containers, sensitive host paths, host
//! namespaces, capabilities, and weak isolation. Also pods that bypass the scheduler or pose as
//! static pods, and probes of admission.
//!
//! Only the original request is judged: pods that a controller creates for a workload are not
//! reported again unless the log lacks the workload ([`unseen`]), nor are objects that are sent again
//! unchanged. The types of privileged containers and sensitive mounts are Amazon GuardDuty's (retired
//! there on 29 May 2026 in favor of a learned baseline) and have its severities for every user. The
//! other types are rated Low if a package or the platform made the request, and all types if a published
//! agent runs its own program ([`agents`]).

mod agents;
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
mod unseen;

use std::time::Duration;

use probe::Probe;
use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::resources::{WORKLOAD_API_GROUPS, WORKLOADS};
use wardline_sdk::rules::time::{KNOWN, MINUTE};
use wardline_sdk::rules::{Change, UnseenOwner};

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
                .api_groups(WORKLOAD_API_GROUPS)
                .resources(WORKLOADS)
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
                "Detects workloads with access to their node, and attempts to create them.",
            )
            .audit(
                workloads()
                    .outcomes(["success"])
                    .needs_level(Level::Request),
            )
            .audit(workloads().outcomes(["denied"]))
            .audit(bindings)
            .audit(volumes)
            .except_control_plane();
        let descriptor = UnseenOwner::subscribe(descriptor)
            .remembers(["pods", "workloads"])
            .setting(
                "remember",
                "Period in which repeated requests of a user with the same image and namespace \
                 are reported once.",
                KNOWN,
            )
            .setting(
                "trusted-images",
                "Prefixes of images whose containers this detector does not report, such as \
                 `registry.example.com/platform/`.",
                &[] as &[&str],
            )
            .setting(
                "probes",
                "Number of dry runs of dangerous pods, or of different rejections by admission, \
                 that are reported as probing.",
                3,
            )
            .setting(
                "probe-window",
                "Period over which dry runs and rejections are counted.",
                MINUTE * 10,
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
            return self.made_by_controller(event, findings);
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
        match Change::from_event(event) {
            Some(change) => self.judge(&change, findings),
            None => Ok(()),
        }
    }
}

wardline_sdk::detector!(PrivilegedWorkloads);
