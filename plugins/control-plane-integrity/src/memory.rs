//! The previous state of objects, as far as the audit log has shown it.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::state::{self, Value};

/// Stored short descriptions of objects, for comparison with the next change.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    keep: Duration,
}

/// Separates the fields of a description; Kubernetes names and labels cannot contain it.
pub const SEPARATOR: char = '\u{1f}';

impl Memory {
    pub fn new(keep: Duration) -> Self {
        Self { keep }
    }

    /// Returns the description of the object before the request, or none if it is unknown.
    pub fn before(self, event: AuditEvent<'_>) -> Result<Option<String>, DetectError> {
        Ok(entry(event).get_text()?)
    }

    /// Stores the description of the object after the request.
    pub fn set(self, event: AuditEvent<'_>, description: &str) -> Result<(), DetectError> {
        Ok(entry(event).set_text(description, self.keep)?)
    }

    /// Forgets a deleted object.
    pub fn forget(self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        Ok(entry(event).delete()?)
    }

    /// Whether nothing as severe was told about this action of the actor within the period that
    /// objects are kept.
    pub fn is_news(
        self,
        event: AuditEvent<'_>,
        action: &str,
        severity: impl Into<f64>,
    ) -> Result<bool, DetectError> {
        Ok(Told::by_actor(event, "did").is_news(action, severity, self.keep)?)
    }
}

fn entry(event: AuditEvent<'_>) -> Value {
    let resource = event.object().map_or("", |object| object.resource());
    let namespace = match resource {
        // Events name the namespace of an existing Namespace object, but not of a new one.
        "namespaces" => "",
        _ => event.namespace(),
    };
    state::cluster(event).key(format!("{resource}:{namespace}/{}", event.name()))
}
