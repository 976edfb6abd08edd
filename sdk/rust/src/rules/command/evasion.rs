//! Removal of traces and protections (<https://attack.mitre.org/tactics/TA0005/>).

use super::parse::Command;
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Agents that monitor a node or its containers.
const AGENTS: [&str; 18] = [
    "auditbeat",
    "auditd",
    "aliyundun",
    "clamd",
    "datadog-agent",
    "elastic-agent",
    "falco",
    "falcon-sensor",
    "fluent-bit",
    "osqueryd",
    "ossec",
    "qualys",
    "sysdig",
    "tetragon",
    "twistlock",
    "wazuh",
    "ossec-agentd",
    "mdatp",
];

/// Logs of logins and activity.
const LOGS: [&str; 8] = [
    "/var/log/audit",
    "/var/log/auth.log",
    "/var/log/btmp",
    "/var/log/lastlog",
    "/var/log/secure",
    "/var/log/wtmp",
    "/var/log/syslog",
    "/var/log/messages",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        if evades(command) {
            found.add(Kind::DefenseEvasion, command.text());
        }
    }
}

fn evades(command: &Command) -> bool {
    let has = |words: &[&str]| command.arguments().any(|word| words.contains(&word));
    let agent = || {
        command.arguments().any(|word| {
            AGENTS
                .iter()
                .any(|agent| word.trim_end_matches(".service") == *agent)
        })
    };
    let log = |word: &str| LOGS.iter().any(|log| word.starts_with(log)) || is_history(word);
    let empties = command
        .redirects
        .iter()
        .any(|to| to.operator == ">" && log(&to.target));
    empties
        || match command.name.as_str() {
            "history" => has(&["-c", "-cw", "-cr"]),
            "unset" => has(&["HISTFILE", "HISTSIZE"]),
            "" | "export" | "set" | "declare" => command.words.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "HISTFILE=/dev/null" | "HISTFILE=" | "HISTSIZE=0" | "HISTFILESIZE=0"
                )
            }),
            "iptables" | "ip6tables" | "iptables-legacy" | "iptables-nft" => {
                has(&["-F", "--flush"])
            }
            "nft" => has(&["flush"]) && has(&["ruleset"]),
            "ufw" => has(&["disable"]),
            "setenforce" => has(&["0", "Permissive"]),
            "auditctl" => has(&["-D"]) || (has(&["-e"]) && has(&["0"])),
            "systemctl" | "service" => {
                has(&["stop", "disable", "mask"])
                    && (agent() || has(&["apparmor", "firewalld", "iptables", "rsyslog"]))
            }
            "pkill" | "killall" => agent(),
            "rm" | "shred" | "unlink" | "truncate" | "ln" => command.arguments().any(log),
            _ => false,
        }
}

fn is_history(word: &str) -> bool {
    ["_history", "/.history"]
        .iter()
        .any(|end| word.ends_with(end))
        && contains(word, "/.")
        || matches!(word, ".bash_history" | ".zsh_history" | ".ash_history")
}
