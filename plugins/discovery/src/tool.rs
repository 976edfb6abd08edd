//! Tools that say who they are.

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;

use crate::DAY;
use crate::types::ATTACK_TOOL;

/// Made to attack.
const OFFENSIVE: [&str; 22] = [
    "kube-hunter",
    "kubehunter",
    "peirates",
    "kubeletctl",
    "kdigger",
    "kubiscan",
    "kubesploit",
    "trufflehog",
    "azurehound",
    "kubehound",
    "nuclei",
    "nmap",
    "masscan",
    "zgrab",
    "sqlmap",
    "gobuster",
    "feroxbuster",
    "dirbuster",
    "nikto",
    "wfuzz",
    "ffuf",
    "metasploit",
];

/// Made to look for mistakes; attackers use them as well as those who defend.
const SCANNERS: [&str; 9] = [
    "rakkess",
    "kubescape",
    "trivy",
    "kube-bench",
    "kubeaudit",
    "popeye",
    "polaris",
    "rbac-police",
    "access-matrix",
];

const SCANNER: f64 = 3.0;
const ATTACK: f64 = 5.0;

/// Raises a finding for the first request of a day that an actor makes with such a tool. Of
/// the user agent only what it admits is believed.
pub fn judge(event: AuditEvent<'_>, findings: &mut Findings) -> Result<(), DetectError> {
    let agent = event.user_agent().to_ascii_lowercase();
    let Some((tool, severity)) = tool(&agent) else {
        return Ok(());
    };
    let severity = outcome::severity(event, severity);
    let said = format!("{tool} {} {severity}", event.client_ip());
    if !state::actor(event).key("tools").first_seen(&said, DAY)? {
        return Ok(());
    }
    let user = event.actor();
    let user = if user.username().is_empty() || user.is_anonymous() {
        event.client_ip()
    } else {
        user.username()
    };
    findings.raise(
        Finding::new(ATTACK_TOOL)
            .on(event)
            .field(&event, AuditField::UserAgent)
            .field(&event, AuditField::Username)
            .field(&event, AuditField::SourceIps)
            .field(&event, AuditField::RequestUri)
            .field(&event, AuditField::Code)
            .severity(severity)
            .dedup_key(format!("{user} {tool}"))
            .title(format!("{user} uses {tool}")),
    );
    Ok(())
}

fn tool(agent: &str) -> Option<(&'static str, f64)> {
    let find = |tools: &'static [&'static str]| tools.iter().find(|tool| agent.contains(**tool));
    find(&OFFENSIVE)
        .map(|tool| (*tool, ATTACK))
        .or_else(|| find(&SCANNERS).map(|tool| (*tool, SCANNER)))
}
