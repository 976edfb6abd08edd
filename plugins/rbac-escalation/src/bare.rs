//! Findings of which no more is known than that somebody wrote RBAC.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Requester};
use wardline_sdk::state;

use crate::RbacEscalation;
use crate::report::Report;
use crate::types::{ADMIN_BINDING, SERVICE_ACCOUNT_WRITE};

impl RbacEscalation {
    /// A binding of the whole cluster of which the log has no more than the name.
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
                "{} changed the ClusterRoleBinding {}; the log does not have its role",
                event.user().username(),
                event.name()
            ))
            .dedup_key(format!("{}|unseen", event.user().username()));
        Ok(Some(Report::new(changed, finding, 2.0)))
    }

    /// A service account that writes RBAC, for the first time in a long while.
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
                "{} wrote ({}) {} {}",
                event.user().username(),
                event.verb(),
                event.resource(),
                event.name(),
            ))
            .dedup_key(event.user().username());
        Ok(Some(Report::new(changed, finding, 2.0)))
    }
}
