//! The actor of an audit event.

use crate::model::AuditEvent;

/// Returns the actor of an event: the authenticated user, or `address:` and the peer's
/// address if the request was unauthenticated. Order and state of events are per actor.
#[must_use]
pub fn actor(event: &AuditEvent) -> String {
    if event.user.username.is_empty() {
        let address = event.source_ips.last().map_or("unknown", String::as_str);
        format!("address:{address}")
    } else {
        event.user.username.clone()
    }
}
