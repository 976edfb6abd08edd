//! Informational findings about the objects that people create and delete.
//!
//! The detector reports nothing until the operator sets `kinds` or `namespaces`. A subscription
//! cannot depend on settings, so the events are decoded in any case: install the detector only if
//! it is needed, or set `enabled = false` in `object-activity.toml`.

mod types;

#[cfg(test)]
mod tests;

use types::{CREATED, DELETED, UNEXPECTED_NAMESPACE};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Patterns, TrustedUsers};

/// Resources that `kinds` accepts.
const KINDS: [&str; 15] = [
    "deployments",
    "daemonsets",
    "statefulsets",
    "cronjobs",
    "services",
    "ingresses",
    "configmaps",
    "secrets",
    "namespaces",
    "serviceaccounts",
    "roles",
    "clusterroles",
    "rolebindings",
    "clusterrolebindings",
    "persistentvolumeclaims",
];

/// The detector of created and deleted objects.
pub struct ObjectActivity {
    kinds: Vec<String>,
    namespaces: Patterns,
    trusted_users: TrustedUsers,
}

impl Detector for ObjectActivity {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("object-activity", env!("CARGO_PKG_VERSION"))
            .description(
                "Reports objects that people create and delete, and unexpected namespaces. Reports \
                 nothing until `kinds` or `namespaces` is set. Its events are decoded even then, so \
                 enable it only if it is needed.",
            )
            .audit(
                // Server-side apply creates objects with a patch.
                AuditSubscription::new()
                    .verbs(["create", "patch", "delete", "deletecollection"])
                    .resources(KINDS)
                    .outcomes(["success"]),
            )
            .except_control_plane()
            .setting(
                "kinds",
                "Resources in the plural (`deployments`, `secrets`) whose creation and deletion by people \
                 is reported. Empty reports none.",
                [] as [&str; 0],
            )
            .setting(
                "namespaces",
                "Namespaces whose creation and deletion is expected; every other one is reported. A \
                 trailing `*` matches any suffix. Empty reports none.",
                [] as [&str; 0],
            )
            .trusted_users();
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let kinds = settings.texts("kinds")?;
        if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
            return Err(format!(
                "`kinds` does not accept `{unknown}`; it accepts {}",
                KINDS.join(", ")
            ));
        }
        Ok(Self {
            kinds: kinds.to_vec(),
            namespaces: Patterns::from_setting(settings, "namespaces")?,
            trusted_users: TrustedUsers::from_settings(settings)?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        if !event.changed_something()
            || (event.verb() == "patch" && event.code() != Some(201))
            || user.is_control_plane()
            || self.trusted_users.trusts(event)
        {
            return Ok(());
        }
        let resource = event.resource();
        if user.is_person() && self.kinds.contains(&resource) {
            findings.raise(activity(event, &resource));
        }
        let is_unexpected = resource == "namespaces"
            && !self.namespaces.is_empty()
            && !self.namespaces.matches(event.name());
        if is_unexpected {
            findings.raise(unexpected_namespace(event));
        }
        Ok(())
    }
}

fn activity(event: AuditEvent<'_>, resource: &str) -> Finding {
    let user = event.actor().username();
    let (finding_type, action) = match event.verb() {
        "create" | "patch" => (CREATED, "created"),
        _ => (DELETED, "deleted"),
    };
    let name = match event.name() {
        "" => "*",
        name => name,
    };
    let path = match event.namespace() {
        "" => name.to_owned(),
        namespace => format!("{namespace}/{name}"),
    };
    Finding::new(finding_type)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::RequestUri)
        .field(&event, AuditField::Code)
        .dedup_key(format!("{user} {resource} {path}"))
        .title(format!("{resource} {path} was {action} by {user}"))
}

fn unexpected_namespace(event: AuditEvent<'_>) -> Finding {
    let user = event.actor().username();
    let verb = match event.verb() {
        "create" | "patch" => "created",
        _ => "deleted",
    };
    Finding::new(UNEXPECTED_NAMESPACE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Name)
        .dedup_key(format!("{user} {}", event.name()))
        .title(format!(
            "Unexpected namespace {} was {verb} by {user}",
            event.name()
        ))
}

wardline_sdk::detector!(ObjectActivity);
