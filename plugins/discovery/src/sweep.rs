//! Lists of the ConfigMaps of all namespaces.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::LOW;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, agent};

use crate::types::CONFIG_MAP_SWEEP;

/// Raises a finding for an actor's first such list in a day by a script, or by a service account
/// with kubectl. Controllers list all ConfigMaps for their caches, and people with kubectl to
/// search them.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let user = event.actor();
    let tool = match user.service_account() {
        Some(_) => agent::hand_tool(event.user_agent()),
        None => agent::script(event.user_agent()),
    };
    let Some(tool) = tool.filter(|_| event.namespace().is_empty()) else {
        return Ok(());
    };
    if !Told::by_actor(event, "config maps").is_news(tool, LOW, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(CONFIG_MAP_SWEEP)
            .on(event)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::SourceIps)
            .dedup_key(format!("{} {tool}", user.username()))
            .title(format!(
                "ConfigMaps of all namespaces were listed with {tool} by {}",
                user.username()
            )),
    );
    Ok(())
}
