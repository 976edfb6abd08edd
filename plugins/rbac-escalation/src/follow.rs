//! Grants that are soon followed by sensitive requests of the same user.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::resources::LONG_RUNNING;
use wardline_sdk::rules::{Installs, namespace};
use wardline_sdk::state::{self, SlidingWindow};

use crate::types::CHANGE_THEN_USE;

/// State key of the changed object.
const FLAG: &str = "changed";

/// State key of the service accounts that a grant names, one `NAMESPACE/NAME` per line.
const ACCOUNTS: &str = "changed-for";

/// Remembers grants of each actor for `use-window`.
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

    /// Remembers a grant.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
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

    /// Judges a sensitive request, and reports it if its user has just made a grant.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
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
        if is_installed_program(event, installs)? {
            return Ok(());
        }
        let window = self.window(event);
        let seen = window.observe(&format!("use {}", event.resource()))?;
        let title = format!(
            "RBAC change ({change}) by {} was followed by {} {} in {}",
            event.user().username(),
            event.verb(),
            event.resource(),
            match event.namespace() {
                "" => "all namespaces",
                namespace => namespace,
            },
        );
        // The oldest event in the window is the grant.
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

/// Whether a request deploys the program that the permissions were granted to, as installations
/// do: a workload with the account of the grant, or in a namespace that its user just created. A
/// pod or Job does not count, nor does a workload in a namespace of Kubernetes itself.
fn is_installed_program(event: AuditEvent<'_>, installs: Installs) -> Result<bool, DetectError> {
    let is_program = event
        .object()
        .is_some_and(|object| LONG_RUNNING.contains(&object.resource()));
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

/// Returns the service accounts that a binding names, each as `NAMESPACE/NAME`.
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
