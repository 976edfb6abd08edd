//! Rights that are given away and soon followed by what an attacker wants.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, SlidingWindow};

use crate::types::CHANGE_THEN_USE;

const FLAG: &str = "changed";

/// Remembers grants for a short time.
#[derive(Debug, Clone, Copy)]
pub struct Follow {
    window: Duration,
}

impl Follow {
    pub fn new(window: Duration) -> Self {
        Self { window }
    }

    fn window(self, event: AuditEvent<'_>) -> SlidingWindow {
        state::actor(event)
            .key("change-then-use")
            .window(self.window, 8)
    }

    /// Keeps a grant in mind.
    pub fn remember(self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        state::actor(event).key(FLAG).set_text(
            &format!("{} {}", event.resource(), event.name()),
            self.window,
        )?;
        self.window(event).observe(event.name())?;
        Ok(())
    }

    /// Judges a use of rights by who gave some away.
    pub fn judge(self, event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
        let flag = state::actor(event).key(FLAG);
        let Some(change) = flag.get_text()? else {
            return Ok(());
        };
        let window = self.window(event);
        let seen = window.observe(&format!("use {}", event.resource()))?;
        let title = format!(
            "{} changed {change}, and went on to {} {} in {}",
            event.user().username(),
            event.verb(),
            event.resource(),
            match event.namespace() {
                "" => "all namespaces",
                namespace => namespace,
            },
        );
        // The oldest that the window holds is the grant.
        let grant = seen.events().first().zip(seen.members().first());
        let mut finding = Finding::new(CHANGE_THEN_USE)
            .on(event)
            .events(seen.events())
            .field(&event, AuditField::Username)
            .field(&event, AuditField::RequestUri)
            .title(title)
            .dedup_key(event.user().username());
        if let Some((grant, name)) = grant {
            finding = finding.evidence(grant, "objectRef.name", name);
        }
        findings.raise(finding);
        window.clear()?;
        flag.delete()?;
        Ok(())
    }
}
