//! sigma-rust, used as in its documentation.

use sigma_rust::{Rule, event_from_json, rule_from_yaml};

use super::Met;

macro_rules! rules {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../rules/sigma/", $name, ".yml")))),*]
    };
}

const RULES: [(&str, &str); 10] = rules![
    "anonymous-access"
    "cluster-admin-binding"
    "event-deletion"
    "exec-in-kube-system"
    "host-namespaces"
    "impersonation"
    "secret-list"
    "stream-into-pod"
    "token-request"
    "webhook-change"
];

pub fn judge(lines: &[&str]) -> Met {
    let rules: Vec<(&str, Rule)> = RULES
        .iter()
        .map(|(name, text)| (*name, rule_from_yaml(text).expect("a rule")))
        .collect();
    let mut met = Met::new();
    for line in lines {
        let event = event_from_json(line).expect("an event");
        for (name, rule) in &rules {
            if rule.is_match(&event) {
                *met.entry((*name).to_owned()).or_default() += 1;
            }
        }
    }
    met
}
