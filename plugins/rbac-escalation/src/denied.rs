//! Changes of rights that were refused.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Requester;
use wardline_sdk::state;

use crate::report::LOW;
use crate::types::DENIED;

/// How many refusals are a burst.
#[derive(Debug, Clone, Copy)]
pub struct Denials {
    pub limit: u32,
    pub window: Duration,
}

/// What the API server answers to who would give more than they have
/// (`pkg/registry/rbac/escalation_check.go`, `pkg/registry/rbac/validation/internal_version_adapter.go`).
const ESCALATION: &str = "attempting to grant RBAC permissions not currently held";

impl Denials {
    /// Judges a request to change roles or bindings that was refused.
    pub fn judge(&self, event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        let requester = Requester::of(event);
        if !requester.is_foreign() || event.user().is_anonymous() {
            return Ok(());
        }
        let message = event.response().map(|response| response.message());
        let is_escalation =
            message.is_some_and(|message| wardline_sdk::text::contains(message, ESCALATION));
        // The name is there only where the request had come as far as its body.
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
                "{} was refused {} different changes of rights",
                event.user().username(),
                seen.distinct()
            )
        } else {
            format!(
                "{} tried to give rights that they do not have",
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
