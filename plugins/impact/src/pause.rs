//! Paused backup schedules.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::{raw, state};

use crate::types::{BACKUP_DELETED, PAUSED, PAUSED_BY_SERVICE_ACCOUNT};

/// API group, resource, and the field of `spec` that pauses it: Velero, CloudNativePG,
/// VolSync, Kasten K10, and Stash.
const SCHEDULES: [(&str, &str, &str); 5] = [
    ("velero.io", "schedules", "paused"),
    ("postgresql.cnpg.io", "scheduledbackups", "suspend"),
    ("volsync.backube", "replicationsources", "paused"),
    ("config.kio.kasten.io", "policies", "paused"),
    ("stash.appscode.com", "backupconfigurations", "paused"),
];

/// Returns the API groups to subscribe to.
pub fn groups() -> impl Iterator<Item = &'static str> {
    SCHEDULES.iter().map(|(group, _, _)| *group)
}

/// Returns the resources to subscribe to.
pub fn resources() -> impl Iterator<Item = &'static str> {
    SCHEDULES.iter().map(|(_, resource, _)| *resource)
}

/// Returns whether the object schedules backups. The API group decides, since other groups use
/// the same resource names.
pub fn is_schedule(event: AuditEvent<'_>) -> bool {
    field(event).is_some()
}

fn field(event: AuditEvent<'_>) -> Option<&'static str> {
    let object = event.object()?;
    let is_whole = object.subresource().is_empty();
    SCHEDULES
        .iter()
        .find(|(group, resource, _)| {
            is_whole && object.api_group() == *group && object.resource() == *resource
        })
        .map(|(_, _, field)| *field)
}

/// Raises a finding, once a day for each actor and schedule, if the request pauses it.
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
    findings.raise(
        Finding::new(BACKUP_DELETED)
            .on(event)
            .evidence(event, format!("requestObject.spec.{field}"), "true")
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .severity(if user.is_service_account() {
                PAUSED_BY_SERVICE_ACCOUNT
            } else {
                PAUSED
            })
            .dedup_key(format!(
                "{} {resource} {}",
                user.username(),
                event.namespace()
            ))
            .title(format!(
                "Backups of {resource} {path} were paused by {}",
                user.username()
            )),
    );
    Ok(())
}
