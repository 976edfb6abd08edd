//! Storage locations of backups.
//!
//! A backup of all namespaces holds all secrets and volumes. An attacker who controls its
//! destination exfiltrates them with trusted software (ATT&CK T1537).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, agent};
use wardline_sdk::{raw, state};

use crate::types::{BACKUP_ELSEWHERE, NEW_LOCATION, REDIRECTED, WRITTEN};

/// The API groups of [`RESOURCES`].
pub const GROUPS: [&str; 2] = ["velero.io", "longhorn.io"];
/// Storage locations of Velero and Longhorn.
pub const RESOURCES: [&str; 2] = ["backupstoragelocations", "backuptargets"];
/// Velero's backups, which name their location.
pub const BACKUPS: &str = "backups";

/// Name of the location that `velero install` creates for the first backups.
const FIRST: &str = "default";
/// Fields that define the destination of a location.
const DESTINATION: [&str; 4] = ["objectStorage", "bucket", "s3Url", "backupTargetURL"];
/// Maximum length of a location in evidence, in characters.
const MAX_SHOWN: usize = 500;

/// Returns whether the object is a storage location, or a backup.
pub fn is_of_location(event: AuditEvent<'_>) -> bool {
    event.object().is_some_and(|object| {
        GROUPS.contains(&object.api_group())
            && (RESOURCES.contains(&object.resource()) || object.resource() == BACKUPS)
            && object.subresource().is_empty()
    })
}

/// Raises a finding if the actor creates or redirects a location, or has a backup written to a
/// new one. Service accounts without an interactive tool are excluded, since backup software
/// updates its own locations.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    if user.is_service_account() && agent::hand_tool(event.user_agent()).is_none() {
        return Ok(());
    }
    if event.resource() == BACKUPS {
        return judge_backup(event, findings);
    }
    let Some(spec) = raw::json(event, "/requestObject")? else {
        return Ok(());
    };
    if !DESTINATION.iter().any(|field| spec.contains(field)) {
        return Ok(());
    }
    let location = raw::json(event, "/requestObject/spec")?.unwrap_or(spec);
    let name = format!("{}/{}", event.namespace(), event.name());
    // An update holds the whole object, a patch only the changes.
    let (severity, verb) = match event.verb() {
        "create" => (NEW_LOCATION, "created"),
        "patch" => (REDIRECTED, "redirected"),
        _ => (NEW_LOCATION, "updated"),
    };
    let is_news =
        Told::by_actor(event, "location").is_news(&format!("{name} {location}"), severity, DAY)?;
    if !is_news {
        return Ok(());
    }
    if event.verb() == "create" && event.name() != FIRST {
        state::actor(event)
            .key(format!("place {name}"))
            .set(b"", window)?;
    }
    let shown: String = location.chars().take(MAX_SHOWN).collect();
    findings.raise(
        Finding::new(BACKUP_ELSEWHERE)
            .on(event)
            .evidence(event, "requestObject.spec", shown)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .severity(severity)
            .dedup_key(format!("{} {name}", user.username()))
            .title(format!(
                "Backup storage location {name} was {verb} by {}",
                user.username()
            )),
    );
    Ok(())
}

fn judge_backup(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(location) = raw::json(event, "/requestObject/spec/storageLocation")? else {
        return Ok(());
    };
    let name = format!("{}/{}", event.namespace(), location.trim_matches('"'));
    let created = state::actor(event).key(format!("place {name}"));
    if created.get()?.is_none() {
        return Ok(());
    }
    let user = event.actor().username();
    findings.raise(
        Finding::new(BACKUP_ELSEWHERE)
            .on(event)
            .evidence(event, "requestObject.spec.storageLocation", location)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .severity(WRITTEN)
            .dedup_key(format!("{user} {name}"))
            .title(format!(
                "A backup was written to the new location {name} by {user}"
            )),
    );
    Ok(())
}
