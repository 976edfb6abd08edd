//! Tools that say who they are.

use std::collections::HashSet;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::outcome;
use wardline_sdk::state;
use wardline_sdk::text::Search;

use crate::DAY;
use crate::types::ATTACK_TOOL;

/// Made to attack.
const OFFENSIVE: [&str; 25] = [
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
    "nmap scripting engine",
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
    "stratus-red-team",
    "kubestriker",
    "kubestroyer",
];

/// Made to look for mistakes; attackers use them as well as those who defend.
const SCANNERS: [&str; 11] = [
    "rakkess",
    "kubescape",
    "trivy",
    "kube-bench",
    "kubeaudit",
    "popeye",
    "polaris",
    "rbac-police",
    "access-matrix",
    "kubectl-who-can",
    "rbac-tool",
];

/// What to look for in user agents.
pub fn names() -> impl Iterator<Item = &'static str> {
    OFFENSIVE.into_iter().chain(SCANNERS)
}

/// How many user agents without a tool are remembered.
const REMEMBERED: usize = 256;

const SCANNER: f64 = 3.0;
const ATTACK: f64 = 5.0;

/// The names of the tools, each with its severity.
pub struct Tools {
    searches: Vec<(Search, &'static str, f64)>,
    /// User agents that have none of them: a cluster has a few dozen.
    harmless: HashSet<String>,
}

impl Tools {
    pub fn new() -> Self {
        let search = |tools: &'static [&'static str], severity: f64| {
            tools
                .iter()
                .map(move |tool| (Search::new(tool), *tool, severity))
        };
        Self {
            searches: search(&OFFENSIVE, ATTACK)
                .chain(search(&SCANNERS, SCANNER))
                .collect(),
            harmless: HashSet::new(),
        }
    }

    /// Raises a finding for the first request of a day that an actor makes with such a tool. Of
    /// the user agent only what it admits is believed.
    pub fn judge(
        &mut self,
        event: AuditEvent<'_>,
        findings: &mut Findings,
    ) -> Result<(), DetectError> {
        if self.harmless.contains(event.user_agent()) {
            return Ok(());
        }
        let agent = event.user_agent().to_ascii_lowercase();
        let used = self
            .searches
            .iter()
            .find(|(search, _, _)| search.is_in(&agent));
        match used {
            Some((_, tool, severity)) => raise(event, tool, *severity, findings),
            None => {
                // Whoever makes up a new one for each request must not fill the memory.
                if self.harmless.len() >= REMEMBERED {
                    self.harmless.clear();
                }
                self.harmless.insert(event.user_agent().to_owned());
                Ok(())
            }
        }
    }
}

fn raise(
    event: AuditEvent<'_>,
    tool: &str,
    severity: f64,
    findings: &mut Findings,
) -> Result<(), DetectError> {
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
