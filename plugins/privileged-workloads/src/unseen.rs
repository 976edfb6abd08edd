//! Pods that a controller created for a workload that the audit log has not shown.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::{Change, Told, UnseenOwner};

use crate::PrivilegedWorkloads;
use crate::danger::Danger;

impl PrivilegedWorkloads {
    /// Judges a request of the control plane, which is silent if the log has shown the workload.
    pub(crate) fn made_by_controller(
        &self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if UnseenOwner::from_event(event).is_none() {
            return Ok(());
        }
        match Change::from_event(event) {
            Some(change) => self.judge(&change, findings),
            None => Ok(()),
        }
    }

    /// Whether these dangers of an unseen owner were told: all its pods have them.
    pub(crate) fn is_known_owner(
        &self,
        kind: &str,
        owner: &UnseenOwner<'_>,
        event: AuditEvent<'_>,
        dangers: &[Danger<'_>],
    ) -> Result<bool, DetectError> {
        let members = dangers.iter().map(|danger| {
            // The field of the pod, without the body's name: the workload's is another.
            let field = danger.field.rsplit('.').next().unwrap_or_default();
            let member = format!(
                "{kind}\u{1f}{}\u{1f}{}\u{1f}{field}\u{1f}{}",
                owner.key(),
                repository(danger.image),
                danger.value
            );
            (member, danger.severity)
        });
        Ok(!Told::by_actor(event, "unseen-owner").has_news(members, self.remember)?)
    }
}

/// Returns words for titles that name the owner of an object.
pub fn of_owner(owner: Option<&UnseenOwner<'_>>) -> String {
    owner.map_or_else(String::new, |owner| format!(" of {owner}"))
}
