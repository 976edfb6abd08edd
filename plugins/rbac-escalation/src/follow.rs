//! Rights that are given away and soon followed by what an attacker wants.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::{Installs, namespace};
use wardline_sdk::state::{self, SlidingWindow};

use crate::types::CHANGE_THEN_USE;

const FLAG: &str = "changed";

/// The service accounts that a grant names, each as `NAMESPACE/NAME` and a line.
const ACCOUNTS: &str = "changed-for";

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
        state::actor(event)
            .key(ACCOUNTS)
            .set_text(&accounts(event).join("\n"), self.window)?;
        self.window(event).observe(event.name())?;
        Ok(())
    }

    /// Judges a use of rights by who gave some away.
    pub fn judge(
        self,
        event: AuditEvent<'_>,
        installs: Installs,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        let flag = state::actor(event).key(FLAG);
        let Some(change) = flag.get_text()? else {
            return Ok(());
        };
        if is_own_program(event, installs)? {
            return Ok(());
        }
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

/// Whether a request deploys the program that the rights were given to: a workload with the
/// account of the grant, or in a namespace that its author just made for it. Whoever installs
/// software does so. A pod or a Job by hand is none, nor is anything among the cluster's own
/// parts.
fn is_own_program(event: AuditEvent<'_>, installs: Installs) -> Result<bool, DetectError> {
    let is_program = event.object().is_some_and(|object| {
        matches!(
            object.resource(),
            "deployments" | "daemonsets" | "statefulsets"
        )
    });
    if !is_program || namespace::is_kubernetes(event.namespace()) {
        return Ok(false);
    }
    if installs.is_own(event, event.namespace())? {
        return Ok(true);
    }
    let Some(workload) = event.workload() else {
        return Ok(false);
    };
    let account = format!("{}/{}", event.namespace(), workload.service_account());
    let known = state::actor(event).key(ACCOUNTS).get_text()?;
    Ok(known.is_some_and(|known| known.lines().any(|one| one == account)))
}

fn accounts(event: AuditEvent<'_>) -> Vec<String> {
    let binding = [event.requested(), event.resulting()]
        .into_iter()
        .flatten()
        .find_map(|object| match object.facts() {
            Facts::Binding(binding) if !binding.subjects().is_empty() => Some(binding),
            _ => None,
        });
    binding
        .into_iter()
        .flat_map(|binding| binding.subjects())
        .filter(|subject| subject.kind() == "ServiceAccount")
        .map(|subject| format!("{}/{}", subject.namespace(), subject.name()))
        .collect()
}
