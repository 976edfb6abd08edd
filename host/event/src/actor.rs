//! The actor of an event.

use crate::model::{AuditEvent, RuntimeEvent};

/// Returns the actor of an audit event: the authenticated user, or `address:` and the peer's
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

/// Returns the actor of a runtime event: `container:` and the id of the container, or `node:` and
/// the name of the node for a process outside containers.
#[must_use]
pub fn runtime_actor(event: &RuntimeEvent) -> String {
    match &event.container {
        Some(container) => format!("container:{}", container.id),
        None => format!("node:{}", event.node),
    }
}
