//! The objects that requests write, and the period for which they are remembered.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::days;

/// Period for which the state of an object is remembered.
pub const KEEP: Duration = days(30);

/// Returns the object of the request as `NAMESPACE/NAME`.
pub fn path(event: AuditEvent<'_>) -> String {
    format!("{}/{}", event.namespace(), event.name())
}

/// Returns the body that [`AuditEvent::facts`] come from, as evidence names it.
pub fn facts_body(event: AuditEvent<'_>) -> &'static str {
    match event.resulting().map(|object| object.facts()) {
        None | Some(Facts::None) => "requestObject",
        Some(_) => "responseObject",
    }
}
