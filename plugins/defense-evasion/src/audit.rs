//! Audit logs that are switched off.
//!
//! Where a custom resource configures the API server, whoever may write it can switch off what
//! all detectors read. Elsewhere the policy is a file of the control plane's hosts.

use std::time::Duration;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::{raw, state};

use crate::types::AUDIT_DISABLED;

/// API group, resource, and where in its spec the audit configuration is: OpenShift's
/// `APIServer`, and that of hosted control planes.
const SOURCES: [(&str, &str, &str); 2] = [
    ("config.openshift.io", "apiservers", "/audit"),
    (
        "hypershift.openshift.io",
        "hostedclusters",
        "/configuration/apiServer/audit",
    ),
];

/// The profile that logs nothing
/// (<https://docs.openshift.com/container-platform/latest/security/audit-log-policy-config.html>).
const NOTHING: &str = "\"None\"";

const ALL: f64 = 7.0;
const SOME: f64 = 6.0;
const ROBOT: f64 = 5.0;
/// What a service account has applied once, it applies again and again.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);

/// The API groups.
pub fn groups() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(group, _, _)| *group)
}

/// The resources.
pub fn resources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(_, resource, _)| *resource)
}

/// Whether the object is one of them.
pub fn is_source(event: AuditEvent<'_>) -> bool {
    place(event).is_some()
}

fn place(event: AuditEvent<'_>) -> Option<&'static str> {
    let object = event.object()?;
    SOURCES
        .iter()
        .find(|(group, resource, _)| {
            object.api_group() == *group && event.resource_is(resource, "")
        })
        .map(|(_, _, place)| *place)
}

/// Raises a finding if nothing, or nothing of some groups, is logged after the request.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(place) = place(event) else {
        return Ok(());
    };
    let Some((field, value, severity)) = switched_off(event, place)? else {
        return Ok(());
    };
    let user = event.actor();
    let is_robot = user.service_account().is_some();
    if is_robot
        && !state::actor(event)
            .key("audit")
            .first_seen(&format!("{} {value}", event.name()), KNOWN)?
    {
        return Ok(());
    }
    let severity = if is_robot { ROBOT } else { severity };
    findings.raise(
        Finding::new(AUDIT_DISABLED)
            .on(event)
            .evidence(event, field, value)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::Code)
            .severity(outcome::severity(event, severity))
            .dedup_key(format!("{} {}", user.username(), event.name()))
            .title(format!(
                "{} {} the audit log by {} {}",
                user.username(),
                outcome::did(event, "switched off", "switch off"),
                event.resource(),
                event.name()
            )),
    );
    Ok(())
}

/// The field that does so, its value, and how severe it is.
fn switched_off(
    event: AuditEvent<'_>,
    place: &str,
) -> Result<Option<(String, String, f64)>, DetectError> {
    let profile = format!("/requestObject/spec{place}/profile");
    if let Some(value) = raw::json(event, &profile)? {
        if value == NOTHING {
            return Ok(Some((field(&profile), value, ALL)));
        }
    } else if let Some(value) = raw::json(event, "/requestObject")?
        && value.starts_with('[')
        && value.contains(&format!("/spec{place}"))
        && value.contains(NOTHING)
    {
        // A JSON patch (RFC 6902).
        let is_all = value.contains(&format!("{place}/profile\""));
        let severity = if is_all { ALL } else { SOME };
        return Ok(Some(("requestObject".to_owned(), value, severity)));
    }
    let rules = format!("/requestObject/spec{place}/customRules");
    let value = raw::json(event, &rules)?.filter(|rules| rules.contains(NOTHING));
    Ok(value.map(|value| (field(&rules), value, SOME)))
}

/// A JSON pointer as evidence writes fields.
fn field(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
