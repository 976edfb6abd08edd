//! Findings about pods with access to their node.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::{Change, ObjectChange, Requester, package};
use wardline_sdk::state;

use crate::container::{privileged, sensitive_mounts};
use crate::danger::Danger;
use crate::types::{
    CAPABILITIES, HOST_NAMESPACE, ISOLATION, MAY_BE_OLD, PRIVILEGED, SENSITIVE_MOUNT,
};
use crate::{PrivilegedWorkloads, bound, capability, host_namespace, isolation};

/// Whether the object may have been like this before, without the log showing it. In addition to
/// the objects that service accounts apply repeatedly, this covers whole objects that any user
/// replaces (`kubeadm upgrade`, Terraform). A patch contains only changes.
fn may_be_old(change: &Change<'_>) -> bool {
    change.may_be_old
        || (change.event.verb() == "update"
            && change.event.code() == Some(200)
            && change.before().is_none())
}

impl PrivilegedWorkloads {
    /// Judges a change of a pod or workload.
    pub(crate) fn judge(
        &self,
        change: &Change<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let (event, workload, spec_path) = (change.event, change.workload, &change.path);
        let before = change.before();
        let requested = match event.requested().map(|object| object.facts()) {
            Some(Facts::Workload(requested)) => Some(requested),
            _ => None,
        };
        let is_privileged = self.raise(
            PRIVILEGED,
            "a privileged container",
            change,
            privileged(workload, spec_path, before),
            findings,
        )?;
        let mut worst = is_privileged;
        worst = worst.max(self.raise(
            SENSITIVE_MOUNT,
            "a sensitive host path",
            change,
            sensitive_mounts(workload, spec_path, before),
            findings,
        )?);
        worst = worst.max(self.raise(
            CAPABILITIES,
            "dangerous capabilities",
            change,
            capability::added(workload, spec_path, before, requested),
            findings,
        )?);
        let mut shared = host_namespace::shared(workload, spec_path, before);
        // Most pods with node access also share the node's network: that alone adds nothing.
        if worst > 0.0 && shared.iter().all(|danger| danger.severity < 4.0) {
            shared.clear();
        }
        worst =
            worst.max(self.raise(HOST_NAMESPACE, "host namespaces", change, shared, findings)?);
        let object = event.requested().or_else(|| event.resulting());
        if is_privileged < 4.0 {
            worst = worst.max(self.raise(
                ISOLATION,
                "weakened isolation",
                change,
                isolation::weakened(object, workload, spec_path, before),
                findings,
            )?);
        }
        if worst < 4.0 && !may_be_old(change) {
            self.bound(
                event,
                bound::by_spec(event, workload, spec_path, before),
                findings,
            )?;
        }
        Ok(())
    }

    /// Raises a finding of this type if there are dangers. Returns its severity, or 0.0 if none
    /// was raised.
    fn raise(
        &self,
        kind: &str,
        access: &str,
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
        let severity = if may_be_old(change) {
            MAY_BE_OLD.apply(severity)
        } else if !is_guardduty && installer.is_some() {
            ObjectChange::PACKAGED.apply(severity)
        } else if !is_guardduty && Requester::from_event(event) == Requester::Platform {
            ObjectChange::PLATFORM.apply(severity)
        } else {
            severity
        };
        let title = format!(
            "{} {}/{} was {} with {access} by {}",
            event.resource(),
            event.namespace(),
            event.name(),
            if event.verb() == "create" {
                "created"
            } else {
                "changed"
            },
            event.user().username(),
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

    /// Whether the actor has already created pods with these dangers. CI runners create privileged
    /// pods all day, each with a new name, so only the first is reported.
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
                // A mount of another path is reported again.
                danger.value
            );
            // No short circuit: every member must be marked as seen.
            all_known &= !known.first_seen(&member, self.remember)?;
        }
        Ok(all_known)
    }
}
