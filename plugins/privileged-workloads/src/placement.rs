//! Findings about the placement of pods and the paths behind their volumes.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;

use crate::types::{BOUND, MIRROR_POD, SENSITIVE_MOUNT};
use crate::{PrivilegedWorkloads, bound, host_path, mirror, persistent_volume};

impl PrivilegedWorkloads {
    /// Reports unusual mirror pods.
    pub(crate) fn mirror(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if !event.changed_something() {
            return Ok(());
        }
        let Some(mirror) = mirror::judge(event) else {
            return Ok(());
        };
        // A kubelet creates its mirror pods again when it starts.
        let is_news = Told::by_actor(event, "mirror").is_news(
            &format!("{}/{}", event.namespace(), event.name()),
            mirror.rule,
            self.remember,
        )?;
        if !mirror.is_hand_made && !is_news {
            return Ok(());
        }
        let title = format!(
            "Mirror pod {}/{} was created by {}: {}",
            event.namespace(),
            event.name(),
            event.user().username(),
            mirror.reason
        );
        findings.raise(
            Finding::new(MIRROR_POD)
                .on(event)
                .evidence_if_any(event, mirror.evidence)
                .map(|finding| {
                    finding
                        .field(&event, AuditField::Username)
                        .severity(mirror.rule)
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

    /// Reports pods on a chosen node. Custom schedulers and tools choose nodes all the time, so
    /// each is reported once per namespace unless the finding is Medium.
    pub(crate) fn bound(
        &self,
        event: AuditEvent<'_>,
        bound: Option<bound::Bound>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(bound) = bound else { return Ok(()) };
        let is_news =
            Told::by_actor(event, "bound").is_news(event.namespace(), bound.rule, self.remember)?;
        if bound.rule.severity < 4.0 && !is_news {
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
                .severity(bound.rule)
                .title(format!(
                    "The scheduler was bypassed for {}/{} ({}) on {node} by {}",
                    event.namespace(),
                    event.name(),
                    event.resource(),
                    event.user().username(),
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

    /// Reports persistent volumes of sensitive paths. Provisioners create them all day, so each
    /// sensitive directory is reported once unless the finding is Medium.
    pub(crate) fn volume(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(volume) = persistent_volume::judge(event) else {
            return Ok(());
        };
        let directory = host_path::directory(&volume.path).unwrap_or(&volume.path);
        let is_news =
            Told::by_actor(event, "volume").is_news(directory, volume.rule, self.remember)?;
        if volume.rule.severity < 4.0 && !is_news {
            return Ok(());
        }
        findings.raise(
            Finding::new(SENSITIVE_MOUNT)
                .on(event)
                .evidence(event, volume.field, &volume.path)
                .severity(volume.rule)
                .title(format!(
                    "Persistent volume {} of host path {} was created by {}",
                    event.name(),
                    volume.path,
                    event.user().username()
                )),
        );
        Ok(())
    }
}
