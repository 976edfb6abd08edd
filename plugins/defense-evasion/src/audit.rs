//! Disabled audit logs.
//!
//! If a custom resource configures the API server, everyone who may write it can disable the
//! log that all detectors read. In other clusters, the audit policy is a file on the control
//! plane's nodes.

use wardline_sdk::prelude::*;
use wardline_sdk::raw;
use wardline_sdk::rules::time::KNOWN;
use wardline_sdk::rules::{Requester, Told, outcome};

use crate::types::{AUDIT_BY_SERVICE_ACCOUNT, AUDIT_DISABLED, AUDIT_OFF, AUDIT_PARTLY_OFF};

/// API group, resource, and path of the audit configuration within `spec`: OpenShift's
/// `APIServer` and `HostedCluster` (hosted control planes).
const SOURCES: [(&str, &str, &str); 2] = [
    ("config.openshift.io", "apiservers", "/audit"),
    (
        "hypershift.openshift.io",
        "hostedclusters",
        "/configuration/apiServer/audit",
    ),
];

/// The profile that logs nothing, as JSON
/// (<https://docs.openshift.com/container-platform/latest/security/audit-log-policy-config.html>).
const NOTHING: &str = "\"None\"";

/// Returns the API groups to subscribe to.
pub fn groups() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(group, _, _)| *group)
}

/// Returns the resources to subscribe to.
pub fn resources() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(_, resource, _)| *resource)
}

/// Returns whether the object configures the audit log.
pub fn is_source(event: AuditEvent<'_>) -> bool {
    audit_path(event).is_some()
}

fn audit_path(event: AuditEvent<'_>) -> Option<&'static str> {
    let object = event.object()?;
    SOURCES
        .iter()
        .find(|(group, resource, _)| {
            object.api_group() == *group && event.resource_is(resource, "")
        })
        .map(|(_, _, path)| *path)
}

/// Raises a finding if the request disables logging for all requests or for some groups.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some(path) = audit_path(event) else {
        return Ok(());
    };
    let Some((field, value, severity)) = disabling_value(event, path)? else {
        return Ok(());
    };
    let user = event.actor();
    let is_program = Requester::is_program(event);
    let severity = if is_program {
        AUDIT_BY_SERVICE_ACCOUNT.severity
    } else {
        severity
    };
    let severity = outcome::severity(event, severity);
    // Deployment tools apply the same value again and again.
    if is_program
        && !Told::by_actor(event, "audit").is_news(
            &format!("{} {value}", event.name()),
            severity,
            KNOWN,
        )?
    {
        return Ok(());
    }
    findings.raise(
        Finding::new(AUDIT_DISABLED)
            .on(event)
            .evidence(event, field, value)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{} {}", user.username(), event.name()))
            .title(format!(
                "Change that disables audit logging in {} {} by {}{}",
                event.resource(),
                event.name(),
                user.username(),
                outcome::suffix(event)
            )),
    );
    Ok(())
}

/// Returns the field that disables logging, its value, and its severity.
fn disabling_value(
    event: AuditEvent<'_>,
    path: &str,
) -> Result<Option<(String, String, f64)>, DetectError> {
    let profile = format!("/requestObject/spec{path}/profile");
    if let Some(value) = raw::json(event, &profile)? {
        if value == NOTHING {
            return Ok(Some((field(&profile), value, AUDIT_OFF)));
        }
    } else if let Some(value) = raw::json(event, "/requestObject")?
        && value.starts_with('[')
        && value.contains(&format!("/spec{path}"))
        && value.contains(NOTHING)
    {
        // A JSON patch (RFC 6902).
        let is_all = value.contains(&format!("{path}/profile\""));
        let severity = if is_all {
            AUDIT_OFF
        } else {
            AUDIT_PARTLY_OFF.severity
        };
        return Ok(Some(("requestObject".to_owned(), value, severity)));
    }
    let rules = format!("/requestObject/spec{path}/customRules");
    let value = raw::json(event, &rules)?.filter(|rules| rules.contains(NOTHING));
    Ok(value.map(|value| (field(&rules), value, AUDIT_PARTLY_OFF.severity)))
}

/// Converts a JSON pointer to the notation of evidence fields.
fn field(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
