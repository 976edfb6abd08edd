//! Findings about where pods are put, and how.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::{BOUND, MIRROR_POD, SENSITIVE_MOUNT};
use crate::{PrivilegedWorkloads, bound, mirror, persistent_volume};

impl PrivilegedWorkloads {
    /// Judges the mirror pods that somebody made.
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

    /// Judges who chose a node. Schedulers of one's own, and tools that do so, do it again and
    /// again: they are told once.
    pub(crate) fn bound(
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

    /// Judges a persistent volume. Provisioners make them all day: each directory is told once.
    pub(crate) fn volume(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let Some(volume) = persistent_volume::judge(event) else {
            return Ok(());
        };
        let is_news = state::actor(event)
            .key("volume")
            .first_seen(parent(&volume.path), self.remember)?;
        if volume.severity < 4.0 && !is_news {
            return Ok(());
        }
        findings.raise(
            Finding::new(SENSITIVE_MOUNT)
                .on(event)
                .evidence(event, volume.field, &volume.path)
                .severity(volume.severity)
                .title(format!(
                    "{} made the persistent volume {} of {}, a sensitive directory of the node",
                    event.user().username(),
                    event.name(),
                    volume.path
                )),
        );
        Ok(())
    }
}

/// The directory above: provisioners add the volume's name to one of theirs.
fn parent(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit_once('/')
        .map_or(path, |(parent, _)| parent)
}
