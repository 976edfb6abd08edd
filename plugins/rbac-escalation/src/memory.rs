//! The permissions of roles, as far as the audit log has shown them.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::Told;
use wardline_sdk::state::{self, Value};

use crate::rights::Right;

/// The dangerous permissions of roles, kept from one change to the next.
#[derive(Debug, Clone, Copy)]
pub struct KnownRoles {
    keep: Duration,
}

impl KnownRoles {
    pub fn new(keep: Duration) -> Self {
        Self { keep }
    }

    /// Returns the last known permissions of a role, or `None` if the log has not shown it.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not return the state.
    pub fn get(
        &self,
        event: AuditEvent<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Vec<Right>>, DetectError> {
        let text = value(event, namespace, name).get_text()?;
        Ok(text.map(|text| {
            Right::ALL
                .into_iter()
                .filter(|right| {
                    let word = word(*right);
                    text.split(',').any(|known| known == word)
                })
                .collect()
        }))
    }

    /// Returns the last known permissions of a role, which are empty if the log has not shown it.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not return the state.
    pub fn rights(
        &self,
        event: AuditEvent<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<Right>, DetectError> {
        Ok(self.get(event, namespace, name)?.unwrap_or_default())
    }

    /// Stores the permissions of a role.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
    pub fn set(&self, event: AuditEvent<'_>, rights: &[Right]) -> Result<(), DetectError> {
        let words: Vec<String> = rights.iter().map(|right| word(*right)).collect();
        value(event, event.namespace(), event.name()).set_text(&words.join(","), self.keep)?;
        Ok(())
    }

    /// Returns whether no role of this namespace with permissions that matter only there was told
    /// about the actor with this severity or a higher one, and remembers it as told.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host does not keep the state.
    pub fn is_news_in_namespace(
        &self,
        event: AuditEvent<'_>,
        rule: SeverityRule,
    ) -> Result<bool, DetectError> {
        Ok(Told::by_actor(event, "namespace-role").is_news(event.namespace(), rule, self.keep)?)
    }

    /// Forgets a deleted role.
    ///
    /// # Errors
    /// Returns [`DetectError`] if the host refuses.
    pub fn forget(&self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        value(event, event.namespace(), event.name()).delete()?;
        Ok(())
    }
}

fn value(event: AuditEvent<'_>, namespace: &str, name: &str) -> Value {
    state::cluster(event).key(format!("role:{namespace}/{name}"))
}

/// Returns the name under which a permission is stored.
fn word(right: Right) -> String {
    format!("{right:?}")
}
