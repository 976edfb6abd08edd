//! Paused backup schedules.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::Told;
use wardline_sdk::rules::time::DAY;

use crate::is_robot;
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

/// Returns whether the request sets the field, in an object or in a JSON patch (RFC 6902).
fn is_paused(event: AuditEvent<'_>, field: &str) -> Result<bool, DetectError> {
    if let Some(paused) = raw::json(event, &format!("/requestObject/spec/{field}"))? {
        return Ok(paused == "true");
    }
    let patch = raw::json(event, "/requestObject")?.filter(|patch| patch.starts_with('['));
    let names = format!("\"/spec/{field}\"");
    if !patch.is_some_and(|patch| patch.contains(&names)) {
        return Ok(false);
    }
    let result = raw::json(event, &format!("/responseObject/spec/{field}"))?;
    Ok(result.is_none_or(|paused| paused == "true"))
}

/// Raises a finding, once a day for each actor and schedule, if the request pauses it.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(field) = field(event) else {
        return Ok(());
    };
    if !is_paused(event, field)? {
        return Ok(());
    }
    let user = event.actor();
    let path = format!("{}/{}", event.namespace(), event.name());
    let resource = event.resource();
    let severity = if is_robot(event) {
        PAUSED_BY_SERVICE_ACCOUNT
    } else {
        PAUSED
    };
    let told = Told::by_actor(event, "paused");
    if !told.is_news(&format!("{resource} {path}"), severity, DAY)? {
        return Ok(());
    }
    findings.raise(
        Finding::new(BACKUP_DELETED)
            .on(event)
            .evidence(event, format!("requestObject.spec.{field}"), "true")
            .field(&event, AuditField::Username)
            .field(&event, AuditField::Verb)
            .field(&event, AuditField::RequestUri)
            .severity(severity)
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
