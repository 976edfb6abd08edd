//! What objects were before, as far as the log has told.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, Value};

/// Short descriptions of objects, kept from one change to the next.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    keep: Duration,
}

/// Between the fields of a description; no name or label of Kubernetes holds it.
pub const SEPARATOR: char = '\u{1f}';

impl Memory {
    pub fn new(keep: Duration) -> Self {
        Self { keep }
    }

    /// What the object of a request was, or none if the log has not told.
    pub fn before(self, event: AuditEvent<'_>) -> Result<Option<String>, DetectError> {
        Ok(place(event).get_text()?)
    }

    /// Keeps what it is now.
    pub fn set(self, event: AuditEvent<'_>, description: &str) -> Result<(), DetectError> {
        Ok(place(event).set_text(description, self.keep)?)
    }

    /// Forgets an object that is gone.
    pub fn forget(self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        Ok(place(event).delete()?)
    }

    /// Whether an actor has not done this for as long as objects are kept.
    pub fn is_first(self, event: AuditEvent<'_>, what: &str) -> Result<bool, DetectError> {
        Ok(state::actor(event).key("did").first_seen(what, self.keep)?)
    }
}

fn place(event: AuditEvent<'_>) -> Value {
    let resource = event.object().map_or("", |object| object.resource());
    let namespace = match resource {
        // Said of a Namespace that is there, and not of one that is made.
        "namespaces" => "",
        _ => event.namespace(),
    };
    state::cluster(event).key(format!("{resource}:{namespace}/{}", event.name()))
}
