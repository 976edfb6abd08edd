//! Security and log agents that are removed, stopped or emptied.

mod harm;
mod known;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::outcome;
use wardline_sdk::rules::words::Names;

use crate::events;
use crate::types::AGENT_DISABLED;
use harm::{Harm, Kind};

pub use known::DEFAULT;

/// How agents run.
pub const WORKLOADS: [&str; 3] = ["daemonsets", "deployments", "statefulsets"];
/// How their number is changed.
pub const SCALES: [&str; 2] = ["deployments/scale", "statefulsets/scale"];
/// What takes an agent along, or tells it what to look at: namespaces, Tetragon's and
/// KubeArmor's policies.
pub const OTHERS: [&str; 5] = [
    "namespaces",
    "tracingpolicies",
    "tracingpoliciesnamespaced",
    "kubearmorpolicies",
    "kubearmorclusterpolicies",
];

/// ConfigMaps of agents that run without anybody looking at their rules and filters.
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

/// Labels by which charts say what they install.
const LABELS: [&str; 5] = [
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "k8s-app",
    "app",
    "name",
];

const PERSON: f64 = 6.0;
const ROBOT: f64 = 5.0;
const LOW: f64 = 3.0;

/// Which workloads are agents.
pub struct Agents(Names);

impl Agents {
    /// The words of the setting `agents`.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let words = settings.texts("agents")?;
        if words
            .iter()
            .any(|words| !words.contains(|letter: char| letter.is_ascii_alphanumeric()))
        {
            return Err("`agents` must not hold a text without letters".to_owned());
        }
        Ok(Self(Names::new(words.iter().map(String::as_str))))
    }

    /// Whether a name or an image has the words of an agent.
    fn names(&self, text: &str) -> bool {
        self.0.has_one(text)
    }

    /// Raises a finding if the request disables an agent.
    pub fn judge(&self, event: AuditEvent<'_>, findings: &mut Findings) {
        let Some((sign, value)) = self.sign(event) else {
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
                .evidence(event, sign, value)
                .field(&event, AuditField::Username)
                .field(&event, AuditField::RequestUri)
                .field(&event, AuditField::Code)
                .severity(outcome::severity(event, severity))
                .dedup_key(format!("{user} {workload}"))
                .title(format!(
                    "{user} {}{} {workload}, a security or log agent: {}",
                    outcome::attempted(event),
                    verb(event, harm.kind),
                    harm.kind.words()
                )),
        );
    }

    /// What tells that the object is an agent, and where it stands.
    fn sign(&self, event: AuditEvent<'_>) -> Option<(String, String)> {
        let object = event.object()?;
        let resource = object.resource();
        if !WORKLOADS.contains(&resource) && !matches!(resource, "namespaces" | "configmaps") {
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
        for (place, body) in [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ] {
            for label in body.iter().flat_map(|body| body.labels()) {
                let (key, value) = (label.key(), label.value());
                if LABELS.contains(&key) && self.names(value) {
                    let field = format!("{place}.metadata.labels[{key}]");
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

fn verb(event: AuditEvent<'_>, kind: Kind) -> &'static str {
    match (kind, outcome::attempted(event).is_empty()) {
        (Kind::Deleted, _) => events::verb(event),
        (_, true) => "changed",
        (_, false) => "change",
    }
}

/// None where it is the daily work of who installed the agent.
fn severity(event: AuditEvent<'_>, kind: Kind) -> Option<f64> {
    let user = event.actor();
    let installed = event.object().and_then(|object| {
        inventory::changed_by(event, object.resource(), object.namespace(), object.name())
    });
    let is_own = installed.is_some_and(|installer| installer == event.user().username());
    let is_robot = user.service_account().is_some();
    match kind {
        Kind::Arguments if is_own => None,
        Kind::Configuration if is_robot => None,
        Kind::Configuration => Some(LOW),
        Kind::Arguments => Some(LOW),
        _ if is_robot && is_own => Some(LOW),
        _ if is_robot => Some(ROBOT),
        _ => Some(PERSON),
    }
}

fn path(event: AuditEvent<'_>) -> String {
    match (event.namespace(), event.name()) {
        ("", name) => name.to_owned(),
        (namespace, "") => format!("{namespace}/*"),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}
