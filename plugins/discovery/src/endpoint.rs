//! Debugging endpoints of the API server.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Requester, Told, outcome};

use crate::types::{METRICS, NOT_SERVICE_ACCOUNT, SENSITIVE_ENDPOINT};

/// Paths to subscribe to. Profiles expose memory, `/logs` exposes files of the node, and the
/// others expose configuration and metrics (`k8s.io/apiserver`, `pkg/server/routes`; KEP-4828
/// for `/flagz`, KEP-4827 for `/statusz`).
pub const PATHS: [&str; 7] = [
    "/debug/*",
    "/logs*",
    "/configz*",
    "/flagz*",
    "/statusz*",
    "/metrics*",
    "/swaggerapi*",
];

/// Raises a finding for an actor's first request for such an endpoint in a day.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let Some((endpoint, severity)) = endpoint(event) else {
        return Ok(());
    };
    let severity = outcome::severity(event, severity);
    if !Told::by_actor(event, "endpoints").is_news(endpoint, severity, DAY)? {
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
            .dedup_key(format!("{user} {endpoint}"))
            .title(format!(
                "Read of endpoint /{endpoint} by {user}{}",
                outcome::suffix(event)
            )),
    );
    Ok(())
}

/// Returns the first part of the path, and the severity of reading it.
fn endpoint(event: AuditEvent<'_>) -> Option<(&str, f64)> {
    let user = event.actor();
    let first = event.path().split('/').nth(1).unwrap_or_default();
    let is_service_account = user.is_service_account();
    let has_hand_tool = is_service_account && !Requester::is_program(event);
    match first {
        "debug" | "logs" | "configz" | "flagz" | "statusz" if is_service_account => {
            Some((first, MEDIUM))
        }
        "debug" | "logs" | "configz" | "flagz" | "statusz" => {
            Some((first, NOT_SERVICE_ACCOUNT.severity))
        }
        // Monitoring scrapes metrics with service accounts.
        "metrics" if user.is_person() || has_hand_tool => Some((first, METRICS.severity)),
        _ => None,
    }
}
