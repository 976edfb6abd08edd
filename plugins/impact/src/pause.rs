//! Schedules of backups that are paused.

use wardline_sdk::prelude::*;
use wardline_sdk::{raw, state};

use crate::types::BACKUP_DELETED;
use crate::{DAY, LOW};

/// API group, resource, and where it says that it does nothing: Velero, CloudNativePG,
/// VolSync, Kasten K10, Stash.
const MAKERS: [(&str, &str, &str); 5] = [
    ("velero.io", "schedules", "paused"),
    ("postgresql.cnpg.io", "scheduledbackups", "suspend"),
    ("volsync.backube", "replicationsources", "paused"),
    ("config.kio.kasten.io", "policies", "paused"),
    ("stash.appscode.com", "backupconfigurations", "paused"),
];

const PERSON: f64 = 5.0;

/// The API groups.
pub fn groups() -> impl Iterator<Item = &'static str> {
    MAKERS.iter().map(|(group, _, _)| *group)
}

/// The resources.
pub fn resources() -> impl Iterator<Item = &'static str> {
    MAKERS.iter().map(|(_, resource, _)| *resource)
}

/// Whether the object makes backups: other groups use the same words.
pub fn is_maker(event: AuditEvent<'_>) -> bool {
    field(event).is_some()
}

fn field(event: AuditEvent<'_>) -> Option<&'static str> {
    let object = event.object()?;
    let is_whole = object.subresource().is_empty();
    MAKERS
        .iter()
        .find(|(group, resource, _)| {
            is_whole && object.api_group() == *group && object.resource() == *resource
        })
        .map(|(_, _, field)| *field)
}

/// Raises a finding, once a day, if the request pauses it.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(field) = field(event) else {
        return Ok(());
    };
    let paused = raw::json(event, &format!("/requestObject/spec/{field}"))?;
    let user = event.actor();
    let path = format!("{}/{}", event.namespace(), event.name());
    let resource = event.resource();
    if paused.as_deref() != Some("true")
        || !state::actor(event)
            .key("paused")
            .first_seen(&format!("{resource} {path}"), DAY)?
    {
        return Ok(());
    }
    let is_robot = user.service_account().is_some();
    findings.raise(
        Finding::new(BACKUP_DELETED)
            .on(event)
            .evidence(event, format!("requestObject.spec.{field}"), "true")
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .severity(if is_robot { LOW } else { PERSON })
            .dedup_key(format!(
                "{} {resource} {}",
                user.username(),
                event.namespace()
            ))
            .title(format!("{} paused {resource} {path}", user.username())),
    );
    Ok(())
}
