//! Disabled security and log agents: deleted, stopped, or replaced.

mod harm;
mod known;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::resources::LONG_RUNNING;
use wardline_sdk::rules::words::Names;
use wardline_sdk::rules::{Requester, named, outcome};

use crate::types::{
    AGENT_BY_SERVICE_ACCOUNT, AGENT_DISABLED, AGENT_STOPPED, ARGUMENTS, CONFIGURATION, OWN_AGENT,
};
use harm::{Harm, HarmKind};

pub use known::DEFAULT;

/// Subresources that scale the workloads of agents.
pub const SCALES: [&str; 2] = ["deployments/scale", "statefulsets/scale"];
/// Objects whose deletion removes an agent or its rules: namespaces, and the policies of
/// Tetragon and KubeArmor.
pub const OTHERS: [&str; 5] = [
    "namespaces",
    "tracingpolicies",
    "tracingpoliciesnamespaced",
    "kubearmorpolicies",
    "kubearmorclusterpolicies",
];

/// ConfigMaps with the rules and filters of agents.
pub const CONFIGURATIONS: [&str; 9] = [
    "wardline*",
    "falco*",
    "tetragon*",
    "tracee*",
    "fluent-bit*",
    "fluentd*",
    "promtail*",
    "filebeat*",
    "auditbeat*",
];

/// Labels in which charts name the software that they install.
const LABELS: [&str; 5] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "k8s-app",
    "app",
    "name",
];

/// Words that identify agents.
pub struct Agents(Names);

impl Agents {
    /// Reads the setting `agents`.
    ///
    /// # Errors
    /// Returns a message if the setting is not declared as a list of texts, or if one of the
    /// texts has neither letters nor digits.
    pub fn from_settings(settings: &Settings) -> Result<Self, String> {
        let words = settings.texts("agents")?;
        if words
            .iter()
            .any(|words| !words.contains(|letter: char| letter.is_ascii_alphanumeric()))
        {
            return Err("`agents` must not hold a text without letters or digits".to_owned());
        }
        Ok(Self(Names::new(words.iter().map(String::as_str))))
    }

    /// Returns whether a name or image contains the words of an agent.
    fn names(&self, text: &str) -> bool {
        self.0.has_one(text)
    }

    /// Raises a finding if the request disables an agent.
    pub fn judge(&self, event: AuditEvent<'_>, findings: &mut Findings) {
        let Some((field, value)) = self.identify(event) else {
            return;
        };
        let Some(harm) = Harm::of(event, self) else {
            return;
        };
        let Some(severity) = severity(event, harm.kind) else {
            return;
        };
        let user = event.actor().username();
        let workload = format!("{} {}", event.resource(), path(event));

        findings.raise(
            Finding::new(AGENT_DISABLED)
                .on(event)
                .evidence(event, harm.field, harm.value)
                .evidence(event, field, value)
                .field(&event, AuditField::Username)
                .field(&event, AuditField::RequestUri)
                .field(&event, AuditField::Code)
                .severity(outcome::severity(event, severity))
                .dedup_key(format!("{user} {workload}"))
                .title(format!(
                    "{} {workload} (agent) by {user}{}",
                    harm.kind.title(),
                    outcome::suffix(event)
                )),
        );
    }

    /// Returns the field, and its value, that identifies the object as an agent's.
    fn identify(&self, event: AuditEvent<'_>) -> Option<(String, String)> {
        let object = event.object()?;
        let resource = object.resource();
        if !LONG_RUNNING.contains(&resource) && !matches!(resource, "namespaces" | "configmaps") {
            return Some(("objectRef.resource".to_owned(), resource.to_owned()));
        }
        for (field, name) in [
            ("objectRef.name", object.name()),
            ("objectRef.namespace", object.namespace()),
        ] {
            if self.names(name) {
                return Some((field.to_owned(), name.to_owned()));
            }
        }
        for (body_field, body) in [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ] {
            for label in body.iter().flat_map(|body| body.labels()) {
                let (key, value) = (label.key(), label.value());
                if LABELS.contains(&key) && self.names(value) {
                    let field = format!("{body_field}.metadata.labels[{key}]");
                    return Some((field, value.to_owned()));
                }
            }
        }
        let known = inventory::pod_spec(event, resource, object.namespace(), object.name())?;
        let container = known
            .workload()
            .containers()
            .find(|container| self.names(repository(container.image())))?;
        Some((
            format!("inventory.containers[{}].image", container.name()),
            repository(container.image()).to_owned(),
        ))
    }
}

/// Returns the severity, or none if the request is routine for the user that installed the
/// agent.
fn severity(event: AuditEvent<'_>, kind: HarmKind) -> Option<f64> {
    let installed = event.object().and_then(|object| {
        inventory::changed_by(event, object.resource(), object.namespace(), object.name())
    });
    let is_own = installed.is_some_and(|installer| installer == event.user().username());
    let is_program = Requester::is_program(event);
    match kind {
        HarmKind::Arguments if is_own && !has_hand_tool(event) => None,
        HarmKind::Configuration if is_program || named::only_metadata(event) => None,
        HarmKind::Configuration => Some(CONFIGURATION.severity),
        HarmKind::Arguments => Some(ARGUMENTS.severity),
        _ if is_program && is_own => Some(OWN_AGENT.severity),
        _ if is_program => Some(AGENT_BY_SERVICE_ACCOUNT.severity),
        _ => Some(AGENT_STOPPED),
    }
}

/// Returns whether a person holds the token of a service account.
fn has_hand_tool(event: AuditEvent<'_>) -> bool {
    event.actor().is_service_account() && !Requester::is_program(event)
}

fn path(event: AuditEvent<'_>) -> String {
    match (event.namespace(), event.name()) {
        ("", name) => name.to_owned(),
        (namespace, "") => format!("{namespace}/*"),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}
