//! What roles allow, as far as the log has told.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::state::{self, Value};

use crate::rights::Right;

/// The dangerous rights of roles, kept from one change to the next.
#[derive(Debug, Clone, Copy)]
pub struct KnownRoles {
    keep: Duration,
}

impl KnownRoles {
    pub fn new(keep: Duration) -> Self {
        Self { keep }
    }

    /// What a role was last seen to allow, or none if the log has not told.
    pub fn get(
        &self,
        event: AuditEvent<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Vec<Right>>, DetectError> {
        let text = place(event, namespace, name).get_text()?;
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

    /// The same; of a role that nothing is known of nothing dangerous is known.
    pub fn rights(
        &self,
        event: AuditEvent<'_>,
        namespace: &str,
        name: &str,
    ) -> Result<Vec<Right>, DetectError> {
        Ok(self.get(event, namespace, name)?.unwrap_or_default())
    }

    /// Keeps what a role allows now.
    pub fn set(&self, event: AuditEvent<'_>, rights: &[Right]) -> Result<(), DetectError> {
        let words: Vec<String> = rights.iter().map(|right| word(*right)).collect();
        place(event, event.namespace(), event.name()).set_text(&words.join(","), self.keep)?;
        Ok(())
    }

    /// Forgets a role that is gone.
    pub fn forget(&self, event: AuditEvent<'_>) -> Result<(), DetectError> {
        place(event, event.namespace(), event.name()).delete()?;
        Ok(())
    }
}

fn place(event: AuditEvent<'_>, namespace: &str, name: &str) -> Value {
    state::cluster(event).key(format!("role:{namespace}/{name}"))
}

fn word(right: Right) -> String {
    format!("{right:?}")
}
