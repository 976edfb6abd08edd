//! Who acted.

use crate::model::AuditEvent;

/// Whose events come in order and whose state they open: the authenticated user, or
/// the address where nobody authenticated.
#[must_use]
pub fn actor(event: &AuditEvent) -> String {
    if event.user.username.is_empty() {
        let address = event.source_ips.last().map_or("unknown", String::as_str);
        format!("address:{address}")
    } else {
        event.user.username.clone()
    }
}
