//! Persistence: cron (<https://attack.mitre.org/techniques/T1053/003/>), SSH keys
//! (<https://attack.mitre.org/techniques/T1098/004/>), accounts, the dynamic loader.

use super::parse::Command;
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Files, and directories of files, that start programs or grant logins.
const PATHS: [&str; 14] = [
    "/etc/cron",
    "/etc/crontab",
    "/etc/init.d/",
    "/etc/ld.so.preload",
    "/etc/passwd",
    "/etc/profile.d/",
    "/etc/rc.local",
    "/etc/shadow",
    "/etc/sudoers",
    "/etc/systemd/system/",
    "/var/spool/cron",
    "/etc/kubernetes/manifests",
    "authorized_keys",
    "/root/.bashrc",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        if persists(command) {
            found.add(Kind::Persistence, command.text());
        }
    }
}

fn persists(command: &Command) -> bool {
    let is_listed = |word: &str| PATHS.iter().any(|path| contains(word, path));
    let writes = command
        .redirects
        .iter()
        .any(|to| to.writes() && is_listed(&to.target));
    writes
        || match command.name.as_str() {
            "crontab" => command
                .arguments()
                .any(|word| !word.starts_with('-') || matches!(word, "-" | "-e")),
            "tee" | "cp" | "mv" | "install" | "ln" => {
                command.arguments().next_back().is_some_and(is_listed)
            }
            "useradd" | "adduser" | "chpasswd" => true,
            "usermod" => command
                .arguments()
                .any(|word| matches!(word, "sudo" | "wheel" | "root" | "docker")),
            _ => false,
        }
}
