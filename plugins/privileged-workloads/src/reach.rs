//! Findings about what pods have of their node.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::{Change, Requester, package};
use wardline_sdk::state;

use crate::container::{privileged, sensitive_mounts};
use crate::danger::Danger;
use crate::types::{CAPABILITIES, HOST_NAMESPACE, ISOLATION, PRIVILEGED, SENSITIVE_MOUNT};
use crate::{PrivilegedWorkloads, bound, capability, host_namespace, isolation};

/// The most of what may have been so before the log began, and of what is routine.
const LOW: f64 = 3.0;

/// Whether it may have been so before, without the log telling. Beyond what robots send again
/// and again: a whole object that somebody replaces (`kubeadm upgrade`, Terraform) has also
/// what it had. A patch names what it changes.
fn may_be_old(change: &Change<'_>) -> bool {
    change.may_be_old
        || (change.event.verb() == "update"
            && change.event.code() == Some(200)
            && change.before().is_none())
}

impl PrivilegedWorkloads {
    /// Judges what a request changed in pods.
    pub(crate) fn judge(
        &self,
        change: &Change<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
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
        if worst > 0.0 && shared.iter().all(|danger| danger.severity < 4.0) {
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
        if worst < 4.0 && !may_be_old(change) {
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
        let severity = if may_be_old(change) || is_routine {
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
}
