//! Findings about pods with access to their node.

use std::cell::LazyCell;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::{Change, ObjectChange, Requester, Told, UnseenOwner, package};

use crate::container::{privileged, sensitive_mounts};
use crate::danger::Danger;
use crate::types::{
    AGENT, CAPABILITIES, HOST_NAMESPACE, ISOLATION, MAY_BE_OLD, PRIVILEGED, SENSITIVE_MOUNT,
};
use crate::{PrivilegedWorkloads, agents, bound, capability, host_namespace, isolation, unseen};

/// Whether the object may have been like this before, without the log showing it. In addition to
/// the objects that service accounts apply repeatedly, this covers whole objects that any user
/// replaces (`kubeadm upgrade`, Terraform). A patch contains only changes.
fn may_be_old(change: &Change<'_>) -> bool {
    change.may_be_old
        || (change.event.verb() == "update"
            && change.event.code() == Some(200)
            && change.before().is_none())
}

/// Lowers the dangers of published agents. For a field of the pod, all its containers must be agents. No
/// agent needs to write to the whole file system of its node.
fn lower_agents(change: &Change<'_>, dangers: &mut [Danger<'_>]) {
    if dangers
        .iter()
        .all(|danger| danger.severity <= AGENT.severity)
    {
        return;
    }
    let agents = agents::images(change.event, change.workload);
    let is_agent = |image: &str| agents.binary_search(&image).is_ok();
    let mut containers = change.workload.containers();
    let are_all = containers.all(|container| is_agent(container.image()));
    for danger in dangers {
        let is_own = !danger.is_of_pod() || are_all;
        if is_agent(danger.image) && is_own && !danger.is_whole_node() {
            danger.severity = AGENT.apply(danger.severity);
        }
    }
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
        self.remove_trusted(&mut dangers, change.workload);
        if kind != ISOLATION {
            lower_agents(change, &mut dangers);
        }
        let Some(severity) = dangers
            .iter()
            .map(|danger| danger.severity)
            .reduce(f64::max)
        else {
            return Ok(0.0);
        };
        let unseen = UnseenOwner::from_event(change.event);
        let event = change.event;
        let mut images: Vec<&str> = dangers
            .iter()
            .map(|danger| danger.image)
            .filter(|image| !image.is_empty())
            .collect();
        images.dedup();
        let is_guardduty = matches!(kind, PRIVILEGED | SENSITIVE_MOUNT);
        let installer = package::installer(event);
        let rated = |severity| {
            if may_be_old(change) {
                MAY_BE_OLD.apply(severity)
            } else if let Some(owner) = &unseen {
                owner.severity(severity)
            } else if !is_guardduty && installer.is_some() {
                ObjectChange::PACKAGED.apply(severity)
            } else if !is_guardduty && Requester::from_event(event) == Requester::Platform {
                ObjectChange::PLATFORM.apply(severity)
            } else {
                severity
            }
        };
        let is_news = match &unseen {
            Some(owner) => !self.is_known_owner(kind, owner, event, &dangers)?,
            None => self.is_news(kind, change, &dangers, rated)?,
        };
        if !is_news {
            // The finding about an owner's first pod holds for the others.
            return Ok(if unseen.is_some() { severity } else { 0.0 });
        }
        let severity = rated(severity);
        let title = format!(
            "{} {}/{}{} was {} with {access} by {}",
            event.resource(),
            event.namespace(),
            event.name(),
            unseen::of_owner(unseen.as_ref()),
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
                    match (&unseen, installer) {
                        (Some(owner), _) => owner.cite(finding).dedup_key(owner.key()),
                        (None, Some(tool)) => finding.attribute("installed-by", tool),
                        (None, None) => finding,
                    }
                }),
        );
        Ok(severity)
    }

    /// Removes the dangers of images that the operator trusts. For a field of the pod, these are the
    /// images of all its containers, since each of them gets what the pod has.
    fn remove_trusted(&self, dangers: &mut Vec<Danger<'_>>, pods: Workload<'_>) {
        let trusts = |image: &str| {
            let mut trusted = self.trusted_images.iter();
            trusted.any(|trusted| image.starts_with(trusted))
        };
        let trusts_all = LazyCell::new(|| pods.containers().all(|one| trusts(one.image())));
        dangers.retain(|danger| !trusts(danger.image) || (danger.is_of_pod() && !*trusts_all));
    }

    /// Whether one of these dangers was not told about the actor. CI runners create privileged pods
    /// all day, each with a new name, so only the first is reported. `rated` returns the severity
    /// that a finding about a danger has.
    fn is_news(
        &self,
        kind: &str,
        change: &Change<'_>,
        dangers: &[Danger<'_>],
        rated: impl Fn(f64) -> f64,
    ) -> Result<bool, DetectError> {
        if !change.event.resource_is("pods", "") || change.event.verb() != "create" {
            return Ok(true);
        }
        let members = dangers.iter().map(|danger| {
            let member = format!(
                "{}\u{1f}{}\u{1f}{}\u{1f}{}",
                change.event.namespace(),
                repository(danger.image),
                danger.name(),
                // A mount of another path is reported again.
                danger.value
            );
            (member, rated(danger.severity))
        });
        Ok(Told::by_actor(change.event, kind).has_news(members, self.remember)?)
    }
}
