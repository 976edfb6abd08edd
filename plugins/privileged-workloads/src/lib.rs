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
mod probe;
mod refusal;
#[cfg(test)]
mod tests;
mod types;

use std::time::Duration;

use container::{privileged, sensitive_mounts};
use danger::Danger;
use probe::Probe;
use types::{
    BOUND, CAPABILITIES, HOST_NAMESPACE, ISOLATION, MIRROR_POD, PRIVILEGED, SENSITIVE_MOUNT,
};
use wardline_sdk::contract::Level;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::{Change, Requester, package};
use wardline_sdk::state;

/// The most of what may have been so before the log began, and of what is routine.
const LOW: f64 = 3.0;

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

impl PrivilegedWorkloads {
    fn judge(&self, change: &Change<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        let (event, workload, place) = (change.event, change.workload, &change.place);
        let before = change.before();
        let requested = match event.requested().map(|object| object.facts()) {
            Some(Facts::Workload(requested)) => Some(requested),
            _ => None,
        };
        let is_privileged = self.raise(
            PRIVILEGED,
            "a privileged container",
            change,
            privileged(workload, place, before),
            findings,
        )?;
        let mut worst = is_privileged;
        worst = worst.max(self.raise(
            SENSITIVE_MOUNT,
            "a sensitive directory of the node",
            change,
            sensitive_mounts(workload, place, before),
            findings,
        )?);
        worst = worst.max(self.raise(
            CAPABILITIES,
            "dangerous capabilities",
            change,
            capability::added(workload, place, before, requested),
            findings,
        )?);
        let mut shared = host_namespace::shared(workload, place, before);
        // The node's network alone is what most such pods have besides.
        if worst >= 4.0 && shared.iter().all(|danger| danger.severity < 4.0) {
            shared.clear();
        }
        worst = worst.max(self.raise(
            HOST_NAMESPACE,
            "namespaces of the node",
            change,
            shared,
            findings,
        )?);
        let object = event.requested().or_else(|| event.resulting());
        if is_privileged < 4.0 {
            worst = worst.max(self.raise(
                ISOLATION,
                "weakened isolation",
                change,
                isolation::weakened(object, workload, place, before),
                findings,
            )?);
        }
        if worst < 4.0 && !change.may_be_old {
            self.bound(
                event,
                bound::by_spec(event, workload, place, before),
                findings,
            )?;
        }
        Ok(())
    }

    /// Raises a finding of this type if there is anything, and gives its severity, or zero.
    fn raise(
        &self,
        kind: &str,
        what: &str,
        change: &Change<'_>,
        mut dangers: Vec<Danger<'_>>,
        findings: &mut Findings,
    ) -> Result<f64, DetectError> {
        dangers.retain(|danger| {
            !self
                .trusted_images
                .iter()
                .any(|trusted| danger.image.starts_with(trusted))
        });
        let Some(severity) = dangers
            .iter()
            .map(|danger| danger.severity)
            .reduce(f64::max)
        else {
            return Ok(0.0);
        };
        if self.is_known(kind, change, &dangers)? {
            return Ok(0.0);
        }
        let event = change.event;
        let mut images: Vec<&str> = dangers
            .iter()
            .map(|danger| danger.image)
            .filter(|image| !image.is_empty())
            .collect();
        images.dedup();
        let is_guardduty = matches!(kind, PRIVILEGED | SENSITIVE_MOUNT);
        let installer = package::installer(event);
        let is_routine =
            !is_guardduty && (installer.is_some() || Requester::of(event) == Requester::Platform);
        let severity = if change.may_be_old || is_routine {
            severity.min(LOW)
        } else {
            severity
        };
        let title = format!(
            "{} {} {}/{} ({}) with {what}",
            event.user().username(),
            if event.verb() == "create" {
                "created"
            } else {
                "changed"
            },
            event.namespace(),
            event.name(),
            event.resource(),
        );
        findings.raise(
            Finding::new(kind)
                .on(event)
                .evidence_if_any(
                    event,
                    dangers
                        .iter()
                        .map(|danger| (danger.field.clone(), danger.value.clone())),
                )
                .map(|finding| {
                    let finding = finding
                        .severity(severity)
                        .title(title)
                        .attribute("images", images.join(", "));
                    match installer {
                        Some(tool) => finding.attribute("installed-by", tool),
                        None => finding,
                    }
                }),
        );
        Ok(severity)
    }

    /// Build robots make privileged pods all day, each with a name of its own: the
    /// first is news, the next like it are not.
    fn is_known(
        &self,
        kind: &str,
        change: &Change<'_>,
        dangers: &[Danger<'_>],
    ) -> Result<bool, DetectError> {
        if !change.event.resource_is("pods", "") || change.event.verb() != "create" {
            return Ok(false);
        }
        let known = state::actor(change.event).key(kind);
        let mut all_known = true;
        for danger in dangers {
            let member = format!(
                "{}\u{1f}{}\u{1f}{}",
                change.event.namespace(),
                repository(danger.image),
                // Of mounts: another directory is news.
                danger.value
            );
            // Every one must be marked as seen.
            all_known &= !known.first_seen(&member, self.remember)?;
        }
        Ok(all_known)
    }

    fn mirror(&self, event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        if !event.changed_something() {
            return Ok(());
        }
        let Some(mirror) = mirror::judge(event) else {
            return Ok(());
        };
        // A kubelet shows its pods again when it starts.
        let is_news = state::actor(event).key("mirror").first_seen(
            &format!("{}/{}", event.namespace(), event.name()),
            self.remember,
        )?;
        if !mirror.is_hand_made && !is_news {
            return Ok(());
        }
        let title = format!(
            "{} made the mirror pod {}/{} {}",
            event.user().username(),
            event.namespace(),
            event.name(),
            mirror.says
        );
        findings.raise(
            Finding::new(MIRROR_POD)
                .on(event)
                .evidence_if_any(event, mirror.evidence)
                .map(|finding| {
                    finding
                        .field(&event, AuditField::Username)
                        .severity(mirror.severity)
                        .title(title)
                        .dedup_key(format!(
                            "{}|{}/{}",
                            event.user().username(),
                            event.namespace(),
                            event.name()
                        ))
                }),
        );
        Ok(())
    }

    /// Schedulers of one's own, and tools that choose a node, do so again and again.
    fn bound(
        &self,
        event: AuditEvent<'_>,
        bound: Option<bound::Bound>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(bound) = bound else { return Ok(()) };
        let is_news = state::actor(event)
            .key("bound")
            .first_seen(event.namespace(), self.remember)?;
        if bound.severity < 4.0 && !is_news {
            return Ok(());
        }
        let node = match bound.node.as_str() {
            "" => "a node",
            node => node,
        };
        findings.raise(
            Finding::new(BOUND)
                .on(event)
                .field(&event, AuditField::Username)
                .evidence(event, bound.field, &bound.node)
                .severity(bound.severity)
                .title(format!(
                    "{} put {}/{} ({}) on {node} past the scheduler",
                    event.user().username(),
                    event.namespace(),
                    event.name(),
                    event.resource(),
                ))
                .dedup_key(format!(
                    "{}|{}|{}",
                    event.user().username(),
                    event.namespace(),
                    bound.node
                )),
        );
        Ok(())
    }
}

wardline_sdk::detector!(PrivilegedWorkloads);
