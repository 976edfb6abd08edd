//! Denied changes of roles and bindings.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::state;

use crate::report::LOW;
use crate::types::DENIED;

/// The thresholds for a burst of denials.
#[derive(Debug, Clone, Copy)]
pub struct Denials {
    /// Number of different denials that are a burst, from 2 to 1000.
    pub limit: u32,
    /// Period over which denials are counted.
    pub window: Duration,
}

/// The API server's message to users who grant more than they have
/// (`pkg/registry/rbac/escalation_check.go`, `pkg/registry/rbac/validation/internal_version_adapter.go`).
const ESCALATION: &str = "attempting to grant RBAC permissions not currently held";

impl Denials {
    /// Judges a denied request to change roles or bindings.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
    pub fn judge(&self, event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        let requester = Requester::from_event(event);
        if !requester.is_foreign() || event.user().is_anonymous() {
            return Ok(());
        }
        let message = event.response().map(|response| response.message());
        let is_escalation =
            message.is_some_and(|message| wardline_sdk::text::contains(message, ESCALATION));
        // The name is present only if the API server had read the body.
        let target = match (event.namespace(), event.name()) {
            ("", name) => format!("{} {name}", event.resource()),
            (namespace, name) => format!("{} {name} in {namespace}", event.resource()),
        };
        let target = target.split_whitespace().collect::<Vec<_>>().join(" ");
        let window = state::actor(event)
            .key("denied")
            .window(self.window, self.limit.saturating_mul(4).max(16));
        let seen = window.observe(&target)?;
        let is_burst = seen.distinct() >= self.limit;
        if is_burst {
            window.clear()?;
        } else if !is_escalation {
            return Ok(());
        }
        let severity = match (is_burst, requester) {
            (false, _) => LOW,
            (true, Requester::Person) => 4.5,
            (true, _) => 3.5,
        };
        let title = if is_burst {
            format!(
                "{} different RBAC changes by {} denied",
                seen.distinct(),
                event.user().username()
            )
        } else {
            format!(
                "Grant beyond own permissions by {} denied",
                event.user().username()
            )
        };
        let mut finding = Finding::new(DENIED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Code);
        if is_burst {
            finding = finding.events(seen.events()).evidence(
                event,
                "objectRef.resource",
                seen.members().join(", "),
            );
        }
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            finding = finding.evidence(event, "responseStatus.message", message);
        }
        let kind = if is_burst { "burst" } else { "single" };
        findings.raise(
            finding
                .severity(severity)
                .title(title)
                .dedup_key(format!("{}|{kind}", event.user().username())),
        );
        Ok(())
    }
}
