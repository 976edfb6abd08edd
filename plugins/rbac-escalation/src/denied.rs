//! Denied changes of roles and bindings.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Requester, Told, agent, namespace};
use wardline_sdk::state;

use crate::types::{BEYOND_OWN, DENIED, DENIED_TO_PERSON, DENIED_TO_SERVICE_ACCOUNT, ONE_DENIED};

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
        let burst = window.burst(&target, self.limit)?;
        let is_attempt = burst.is_none() && !is_escalation;
        if is_attempt
            && !(is_wide_attempt(event, requester)
                && Told::by_actor(event, "denied-wide").is_news("", ONE_DENIED, DAY)?)
        {
            return Ok(());
        }
        let user = event.user().username();
        let (severity, title) = match (&burst, requester) {
            (None, _) if is_attempt => (
                ONE_DENIED,
                format!("{user} was denied a change of {target}"),
            ),
            (None, _) => (
                BEYOND_OWN,
                format!("{user} was denied a grant beyond their own permissions"),
            ),
            (Some(seen), requester) => (
                match requester {
                    Requester::Person => DENIED_TO_PERSON,
                    _ => DENIED_TO_SERVICE_ACCOUNT,
                },
                format!(
                    "{user} was denied {} different RBAC changes",
                    seen.distinct()
                ),
            ),
        };
        let mut finding = Finding::new(DENIED)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Code);
        if let Some(seen) = &burst {
            finding = finding.events(seen.events()).evidence(
                event,
                "objectRef.resource",
                seen.members().join(", "),
            );
        }
        if let Some(message) = message.filter(|message| !message.is_empty()) {
            finding = finding.evidence(event, "responseStatus.message", message);
        }
        let kind = match (&burst, is_attempt) {
            (Some(_), _) => "burst",
            (None, true) => "attempt",
            (None, false) => "single",
        };
        findings.raise(
            finding
                .severity(severity)
                .title(title)
                .dedup_key(format!("{user}|{kind}")),
        );
        Ok(())
    }
}

/// Whether a single denied change would have reached beyond one namespace of users, and was made by
/// hand. Kubernetes operators that lack a permission ask again and again.
fn is_wide_attempt(event: AuditEvent<'_>, requester: Requester) -> bool {
    let is_wide = event.namespace().is_empty() || namespace::is_sensitive(event.namespace());
    let by_hand = requester == Requester::Person || agent::hand_tool(event.user_agent()).is_some();
    is_wide && by_hand
}
