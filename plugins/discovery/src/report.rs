//! Findings about reviews of an actor's own rights.

use wardline_sdk::prelude::*;
use wardline_sdk::state::Window;

use crate::types::PERMISSION_PROBE;

/// Raises a finding about rights that were reviewed: `action` begins the title, `reviewed`
/// is evidence unless it is empty.
pub fn raise(
    event: AuditEvent<'_>,
    severity: SeverityRule,
    action: &str,
    reviewed: &str,
    seen: Option<&Window>,
    findings: &mut Findings,
) {
    let user = event.actor().username();
    let mut finding = Finding::new(PERMISSION_PROBE)
        .on(event)
        .events(seen.map(Window::events).unwrap_or_default().iter().copied())
        .field(&event, AuditField::Username)
        .field(&event, AuditField::SourceIps)
        .field(&event, AuditField::UserAgent)
        .field(&event, AuditField::Resource)
        .severity(severity)
        .dedup_key(user)
        .title(format!("{action} by {user}"));
    if !reviewed.is_empty() {
        finding = finding.evidence(event, "requestObject.spec", reviewed);
    }
    findings.raise(finding);
}
