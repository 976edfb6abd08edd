//! Places that backups go to.
//!
//! A backup of all namespaces holds all secrets and volumes: who says where it is written to
//! takes everything along by a program that is trusted (ATT&CK T1537).

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::agent;
use wardline_sdk::{raw, state};

use crate::types::BACKUP_ELSEWHERE;
use crate::{DAY, LOW};

/// The groups of [`RESOURCES`].
pub const GROUPS: [&str; 2] = ["velero.io", "longhorn.io"];
/// Velero's and Longhorn's places.
pub const RESOURCES: [&str; 2] = ["backupstoragelocations", "backuptargets"];
/// What names such a place, of the first group.
pub const BACKUPS: &str = "backups";

/// What `velero install` calls the first place, which the first backup then goes to.
const FIRST: &str = "default";
/// Fields that say where a place is.
const PLACE: [&str; 4] = ["objectStorage", "bucket", "s3Url", "backupTargetURL"];
/// How many characters of a place evidence shows.
const SHOWN: usize = 500;

const ELSEWHERE: f64 = 5.0;

/// Whether the object is a place, or a backup that goes to one.
pub fn is_of_location(event: AuditEvent<'_>) -> bool {
    event.object().is_some_and(|object| {
        GROUPS.contains(&object.api_group())
            && (RESOURCES.contains(&object.resource()) || object.resource() == BACKUPS)
            && object.subresource().is_empty()
    })
}

/// Raises a finding if somebody makes a place, moves it, or has a backup written to a new one.
/// Software keeps the state of its own places, and is left out.
pub fn judge(
    event: AuditEvent<'_>,
    window: Duration,
    findings: &mut Findings,
) -> Result<(), DetectError> {
    let user = event.actor();
    if user.service_account().is_some() && agent::hand_tool(event.user_agent()).is_none() {
        return Ok(());
    }
    if event.resource() == BACKUPS {
        return backed_up(event, findings);
    }
    let Some(spec) = raw::json(event, "/requestObject")? else {
        return Ok(());
    };
    if !PLACE.iter().any(|field| spec.contains(field)) {
        return Ok(());
    }
    let place = raw::json(event, "/requestObject/spec")?.unwrap_or(spec);
    let name = format!("{}/{}", event.namespace(), event.name());
    if !state::actor(event)
        .key("place")
        .first_seen(&format!("{name} {place}"), DAY)?
    {
        return Ok(());
    }
    if event.verb() == "create" && event.name() != FIRST {
        state::actor(event)
            .key(format!("place {name}"))
            .set(b"", window)?;
    }
    // An update has all of the object in it, and a patch what it changes.
    let (severity, verb) = match event.verb() {
        "create" => (LOW, "made"),
        "patch" => (ELSEWHERE, "moved"),
        _ => (LOW, "wrote"),
    };
    let shown: String = place.chars().take(SHOWN).collect();
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
                "{} {verb} the place of backups {name}",
                user.username()
            )),
    );
    Ok(())
}

fn backed_up(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(location) = raw::json(event, "/requestObject/spec/storageLocation")? else {
        return Ok(());
    };
    let name = format!("{}/{}", event.namespace(), location.trim_matches('"'));
    let made = state::actor(event).key(format!("place {name}"));
    if made.get()?.is_none() {
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
            .severity(ELSEWHERE)
            .dedup_key(format!("{user} {name}"))
            .title(format!(
                "{user} made the place of backups {name}, and had one written to it"
            )),
    );
    Ok(())
}
