//! Attack tools and scanners that identify themselves in their user agent.

use std::collections::BTreeSet;

use wardline_sdk::prelude::*;
use wardline_sdk::rules::severity::MEDIUM;
use wardline_sdk::rules::time::DAY;
use wardline_sdk::rules::{Told, outcome};
use wardline_sdk::text::Search;

use crate::types::{ATTACK_TOOL, SCANNER};

/// Tools made for attacks.
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

/// Tools made to find misconfigurations, used by defenders and attackers alike.
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

/// Returns the names to look for in user agents, in lower case.
pub fn names() -> impl Iterator<Item = &'static str> {
    OFFENSIVE.into_iter().chain(SCANNERS)
}

/// Maximum number of remembered user agents without a tool.
const MAX_HARMLESS: usize = 256;

/// The names of the tools, each with its severity.
pub struct Tools {
    searches: Vec<(Search, &'static str, f64)>,
    /// User agents that name none of the tools; a cluster has a few dozen.
    harmless: BTreeSet<String>,
}

impl Tools {
    /// Returns a searcher for all tools that remembers no user agents yet.
    pub fn new() -> Self {
        let search = |tools: &'static [&'static str], severity: f64| {
            tools
                .iter()
                .map(move |tool| (Search::new(tool), *tool, severity))
        };
        Self {
            searches: search(&OFFENSIVE, MEDIUM)
                .chain(search(&SCANNERS, SCANNER.severity))
                .collect(),
            harmless: BTreeSet::new(),
        }
    }

    /// Raises a finding for an actor's first request with such a tool in a day. The client
    /// chooses its user agent, so its absence proves nothing.
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
                // A client that invents a user agent for each request must not fill the memory.
                if self.harmless.len() >= MAX_HARMLESS {
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
    let used = format!("{tool} {}", event.client_ip());
    if !Told::by_actor(event, "tools").is_news(&used, severity, DAY)? {
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
            .title(format!("Use of {tool} by {user}{}", outcome::suffix(event))),
    );
    Ok(())
}
