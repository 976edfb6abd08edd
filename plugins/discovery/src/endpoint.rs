//! Paths of the API server that are there for debugging.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;

use crate::DAY;
use crate::types::SENSITIVE_ENDPOINT;

/// Profiles hold memory, `/logs` files of the host, the others the configuration and what
/// runs (`k8s.io/apiserver`, `pkg/server/routes`; `/flagz` and `/statusz` are KEP-4828 and
/// KEP-4827).
pub const PATHS: [&str; 7] = [
    "/debug/*",
    "/logs*",
    "/configz*",
    "/flagz*",
    "/statusz*",
    "/metrics*",
    "/swaggerapi*",
];

const ROBOT: f64 = 5.0;
const PERSON: f64 = 3.0;
const METRICS: f64 = 2.0;

/// Raises a finding for the first request of a day for such a path.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some((place, severity)) = place(event) else {
        return Ok(());
    };
    let severity = outcome::severity(event, severity);
    let said = format!("{place} {severity}");
    if !state::actor(event)
        .key("endpoints")
        .first_seen(&said, DAY)?
    {
        return Ok(());
    }
    let user = event.actor().username();
    findings.raise(
        Finding::new(SENSITIVE_ENDPOINT)
            .on(event)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{user} {place}"))
            .title(format!("{user} {}read /{place}", outcome::attempted(event))),
    );
    Ok(())
}

/// The first part of the path, and how severe it is.
fn place(event: AuditEvent<'_>) -> Option<(&str, f64)> {
    let user = event.actor();
    let first = event.path().split('/').nth(1).unwrap_or_default();
    let is_robot = user.service_account().is_some();
    match first {
        "debug" | "logs" | "configz" | "flagz" | "statusz" if is_robot => Some((first, ROBOT)),
        "debug" | "logs" | "configz" | "flagz" | "statusz" => Some((first, PERSON)),
        // Scraping them is what monitoring has its service accounts for.
        "metrics" if user.is_person() => Some((first, METRICS)),
        _ => None,
    }
}
