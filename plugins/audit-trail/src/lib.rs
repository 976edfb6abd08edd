//! Who created and deleted what: informational findings for those who want a trail of them
//! beside the audit log.
//!
//! It says nothing until the operator names kinds or namespaces in its settings. Subscriptions
//! cannot depend on settings, so that it costs decoding all the same: put it into the
//! plugin directory only where it is wanted, or set `enabled = false` in `audit-trail.toml`.

mod types;

#[cfg(test)]
mod tests;

use types::{CREATED, DELETED, UNEXPECTED_NAMESPACE};
use wardline_sdk::prelude::*;
use wardline_sdk::rules::Patterns;

/// What a trail may be kept of.
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

/// The detector.
pub struct AuditTrail {
    kinds: Vec<String>,
    namespaces: Patterns,
    trusted: Patterns,
}

impl Detector for AuditTrail {
    fn describe() -> Descriptor {
        let descriptor = Descriptor::new("audit-trail", env!("CARGO_PKG_VERSION"))
            .description(
                "Reports what people create and delete, and namespaces that nobody expects. Says nothing \
                 until `kinds` or `namespaces` is set, and costs decoding even so: enable it only where \
                 it is wanted.",
            )
            .audit(
                AuditSubscription::new()
                    .verbs(["create", "delete", "deletecollection"])
                    .resources(KINDS)
                    .outcomes(["success"]),
            )
            .setting(
                "kinds",
                "Resources in the plural (`deployments`, `secrets`) whose creation and deletion by people \
                 is reported; none turns it off.",
                [] as [&str; 0],
            )
            .setting(
                "namespaces",
                "Namespaces that may be created and deleted, by name or as a prefix that ends in `*`; every \
                 other is reported. None turns it off.",
                [] as [&str; 0],
            )
            .setting(
                "trusted-users",
                "User names, or prefixes that end in `*`, of whom nothing is reported.",
                [] as [&str; 0],
            );
        types::all()
            .into_iter()
            .fold(descriptor, Descriptor::finding)
    }

    fn configure(settings: &Settings) -> Result<Self, String> {
        let kinds = settings.texts("kinds")?;
        if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
            return Err(format!(
                "`kinds` must be of {}, and `{unknown}` is not",
                KINDS.join(", ")
            ));
        }
        Ok(Self {
            kinds: kinds.to_vec(),
            namespaces: Patterns::of(settings, "namespaces")?,
            trusted: Patterns::of(settings, "trusted-users")?,
        })
    }

    fn on_audit_event(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let user = event.actor();
        if !event.changed_something()
            || user.is_control_plane()
            || self.trusted.matches(user.username())
        {
            return Ok(());
        }
        let resource = event.resource();
        if user.is_person() && self.kinds.contains(&resource) {
            findings.raise(trail(event, &resource));
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

fn trail(event: AuditEvent<'_>, resource: &str) -> Finding {
    let user = event.actor().username();
    let (finding_type, verb) = match event.verb() {
        "create" => (CREATED, "created"),
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
        .title(format!("{user} {verb} {resource} {path}"))
}

fn unexpected_namespace(event: AuditEvent<'_>) -> Finding {
    let user = event.actor().username();
    let verb = match event.verb() {
        "create" => "created",
        _ => "deleted",
    };
    Finding::new(UNEXPECTED_NAMESPACE)
        .on(event)
        .field(&event, AuditField::Username)
        .field(&event, AuditField::Verb)
        .field(&event, AuditField::Name)
        .dedup_key(format!("{user} {}", event.name()))
        .title(format!(
            "{user} {verb} the namespace {}, which is not expected",
            event.name()
        ))
}

wardline_sdk::detector!(AuditTrail);
