//! Findings about RBAC changes of which only the metadata is known or relevant.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{ObjectChange, Told, namespace};

use crate::RbacEscalation;
use crate::report::Report;
use crate::rights::UNSEEN_ROLE;
use crate::types::{
    ADMIN_BINDING, DANGEROUS_ROLE, FIRST_WRITE, PACKAGED_WRITE, ROLE_WIDENED,
    SERVICE_ACCOUNT_WRITE, UNSEEN,
};

impl RbacEscalation {
    /// Reports a binding of which the log contains only the name.
    pub(crate) fn unseen(&self, changed: &ObjectChange<'_>) -> Result<Option<Report>, DetectError> {
        let what = match changed.event.namespace() {
            "" => "ClusterRoleBinding",
            _ => "RoleBinding",
        };
        self.without_body(
            changed,
            ADMIN_BINDING,
            UNSEEN,
            &format!("{what} with unlogged role"),
        )
    }

    /// Reports a role of which the log contains only the name.
    pub(crate) fn unseen_role(
        &self,
        changed: &ObjectChange<'_>,
    ) -> Result<Option<Report>, DetectError> {
        if changed.event.resource().ends_with("bindings") || changed.event.verb() == "delete" {
            return Ok(None);
        }
        let kind = if changed.is_new {
            DANGEROUS_ROLE
        } else {
            ROLE_WIDENED
        };
        let what = match changed.event.namespace() {
            "" => "ClusterRole",
            _ => "Role",
        };
        let what = format!("{what} with unlogged permissions");
        self.without_body(changed, kind, UNSEEN_ROLE, &what)
    }

    /// Reports an object without a body, once for each user, type, and object, if it may grant
    /// permissions over the cluster or over the namespace that everybody uses.
    fn without_body(
        &self,
        changed: &ObjectChange<'_>,
        finding_type: &str,
        rule: SeverityRule,
        what: &str,
    ) -> Result<Option<Report>, DetectError> {
        let event = changed.event;
        let namespace = event.namespace();
        let is_wide =
            namespace.is_empty() || namespace == "default" || namespace::is_sensitive(namespace);
        if !changed.is_unseen() || !changed.requester.is_foreign() || !is_wide {
            return Ok(None);
        }
        // Without a body, the log has no name of an object with a generated one.
        let target = format!("{}/{namespace}/{}", event.resource(), event.name());
        if !Told::by_actor(event, "unseen").is_news(&target, rule, self.remember)? {
            return Ok(None);
        }
        let user = event.user().username();
        let name = match (namespace, event.name()) {
            ("", name) => name.to_owned(),
            (namespace, name) => format!("{namespace}/{name}"),
        };
        let finding = Finding::new(finding_type)
            .on(event)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::Resource)
            .field(&event, AuditField::Name)
            .title(format!("{what} ({name}) was changed by {user}"))
            .dedup_key(format!("{user}|unseen"));
        Ok(Some(Report::new(changed, finding, rule)))
    }

    /// Reports a service account that writes RBAC objects for the first time within `remember`.
    pub(crate) fn by_service_account(
        &self,
        changed: &ObjectChange<'_>,
    ) -> Result<Option<Report>, DetectError> {
        let event = changed.event;
        // Also if a person holds the token.
        let is_account = event.actor().service_account().is_some_and(|(home, _)| {
            changed.requester.is_foreign() && !namespace::is_sensitive(home)
        });
        let severity = match changed.installer {
            Some(_) => PACKAGED_WRITE.apply(FIRST_WRITE),
            None => FIRST_WRITE,
        };
        if !is_account || !Told::by_actor(event, "writes").is_news("", severity, self.remember)? {
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
        Ok(Some(Report::new(changed, finding, severity)))
    }
}
