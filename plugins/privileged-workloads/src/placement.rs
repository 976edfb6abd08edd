//! Findings about where pods are put, and how.

use wardline_sdk::prelude::*;
use wardline_sdk::state;

use crate::types::{BOUND, MIRROR_POD};
use crate::{PrivilegedWorkloads, bound, mirror};

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
}
