//! Findings about RBAC changes of which only the metadata is known or relevant.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::state;

use crate::RbacEscalation;
use crate::report::Report;
use crate::types::{ADMIN_BINDING, FIRST_WRITE, SERVICE_ACCOUNT_WRITE, UNSEEN};

impl RbacEscalation {
    /// Reports a ClusterRoleBinding of which the log contains only the name.
    pub(crate) fn unseen(&self, changed: &ObjectChange<'_>) -> Result<Option<Report>, DetectError> {
        let event = changed.event;
        let is_unseen =
            changed.is_unseen() && event.namespace().is_empty() && changed.requester.is_foreign();
        if !is_unseen
            || !state::actor(event)
                .key("unseen")
                .first_seen(event.name(), self.remember)?
        {
            return Ok(None);
        }
        let finding = Finding::new(ADMIN_BINDING)
            .on(event)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Name)
            .title(format!(
                "ClusterRoleBinding {} with unlogged role was changed by {}",
                event.name(),
                event.user().username()
            ))
            .dedup_key(format!("{}|unseen", event.user().username()));
        Ok(Some(Report::new(changed, finding, UNSEEN)))
    }

    /// Reports a service account that writes RBAC objects for the first time within `remember`.
    pub(crate) fn by_service_account(
        &self,
        changed: &ObjectChange<'_>,
    ) -> Result<Option<Report>, DetectError> {
        let event = changed.event;
        if changed.requester != Requester::ServiceAccount
            || changed.installer.is_some()
            || !state::actor(event)
                .key("writes")
                .first_seen("", self.remember)?
        {
            return Ok(None);
        }
        let finding = Finding::new(SERVICE_ACCOUNT_WRITE)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Resource)
            .field(&event, AuditField::Name)
            .title(format!(
                "RBAC object {}/{} was changed ({}) by {}",
                event.resource(),
                event.name(),
                event.verb(),
                event.user().username(),
            ))
            .dedup_key(event.user().username());
        Ok(Some(Report::new(changed, finding, FIRST_WRITE)))
    }
}
