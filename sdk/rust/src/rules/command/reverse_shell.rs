//! Reverse shells (<https://attack.mitre.org/techniques/T1059/004/>).
//!
//! A connection alone is not one: `nc -z` and `</dev/tcp/HOST/PORT` check whether a port is open.

use super::parse::{Command, joined, pipeline_text};
use super::program::{is_powershell, is_shell};
use super::{FoundSigns, Kind};
use crate::text::contains;

const CONNECTORS: [&str; 7] = [
    "nc",
    "ncat",
    "netcat",
    "nc.traditional",
    "nc.openbsd",
    "telnet",
    "socat",
];

/// Script languages, each with texts that connect and texts that run commands. A one-liner needs
/// one of either list.
const LANGUAGES: [(&str, &[&str], &[&str]); 6] = [
    (
        "python",
        &[
            "socket.socket",
            "import socket",
            "socket,",
            "create_connection",
        ],
        &[
            "subprocess",
            "pty.spawn",
            "os.dup2",
            "os.system",
            "os.popen",
            "/bin/sh",
            "exec(",
        ],
    ),
    (
        "perl",
        &["socket(", "IO::Socket", "use Socket"],
        &["exec", "open(STDIN", "system", "fdopen", "/bin/sh"],
    ),
    (
        "ruby",
        &["TCPSocket", "rsocket"],
        &["exec", "IO.popen", "/bin/sh", "spawn", "%x"],
    ),
    (
        "php",
        &["fsockopen", "socket_create", "stream_socket_client"],
        &["exec", "system", "passthru", "popen", "proc_open", "`"],
    ),
    (
        "node",
        &[
            "net.connect",
            "net.Socket",
            "require('net')",
            "require(\"net\")",
            "createConnection",
        ],
        &["child_process", "spawn", "exec"],
    ),
    ("lua", &["socket"], &["os.execute", "io.popen"]),
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    let mut device = false;
    for command in commands {
        let name = command.name.as_str();
        if connects_directly(command, name) || is_one_liner(command, name) {
            found.add(Kind::ReverseShell, command.text());
        }
        if CONNECTORS.contains(&name) || is_tls_client(command, name) {
            let pipeline = commands
                .iter()
                .filter(|other| other.pipeline == command.pipeline);
            if pipeline.clone().any(Command::runs_input) && !only_probes_port(command) {
                found.add(
                    Kind::ReverseShell,
                    pipeline_text(commands, command.pipeline),
                );
            }
        }
        device |= uses_device(command);
    }
    if device {
        through_device(commands, found);
    }
}

/// Returns whether a command only checks whether a port is open: `nc -z`.
fn only_probes_port(command: &Command) -> bool {
    command
        .arguments()
        .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('z'))
}

/// Returns whether a word names one of bash's files for connections.
fn is_device(word: &str) -> bool {
    contains(word, "/dev/tcp/") || contains(word, "/dev/udp/")
}

fn uses_device(command: &Command) -> bool {
    command.redirects.iter().any(|to| is_device(&to.target))
        || command.words.iter().any(|word| is_device(word))
}

/// Finds scripts that connect through `/dev/tcp`, and start a shell on the connection or run its
/// input: `exec 5<>/dev/tcp/...; while read line <&5; do $line >&5; done`.
fn through_device(commands: &[Command], found: &mut FoundSigns) {
    let runs = commands.iter().find(|command| {
        let is_variable = command
            .words
            .first()
            .is_some_and(|word| word.starts_with('$') && !word.starts_with("$("));
        let name = command.name.as_str();
        let on_connection = command
            .redirects
            .iter()
            .any(|to| is_device(&to.target) || to.operator.ends_with('&'));
        let is_shell = is_shell(name) && (command.runs_input() || on_connection);
        is_shell || (is_variable && (on_connection || command.piped_into)) || name == "eval"
    });
    if runs.is_some() {
        found.add(Kind::ReverseShell, joined(commands, "; "));
    }
}

/// Returns whether a command connects a shell by itself: `nc -e`, `ncat --sh-exec`, `socat EXEC:`.
fn connects_directly(command: &Command, name: &str) -> bool {
    let mut arguments = command.arguments();
    match name {
        "nc" | "ncat" | "netcat" | "nc.traditional" | "nc.openbsd" => {
            let option = |word: &str| {
                word.starts_with("--exec")
                    || word.starts_with("--sh-exec")
                    || word.starts_with("--lua-exec")
                    || (word.starts_with('-')
                        && !word.starts_with("--")
                        && word.contains(['e', 'c']))
            };
            arguments.clone().any(option) && arguments.any(names_shell)
        }
        "socat" => {
            let has = |prefixes: &[&str]| {
                arguments.clone().any(|word| {
                    let upper = word.to_ascii_uppercase();
                    prefixes.iter().any(|prefix| upper.starts_with(prefix))
                })
            };
            has(&["EXEC:", "SYSTEM:", "SHELL:"])
                && has(&[
                    "TCP", "UDP", "OPENSSL", "SSL", "SCTP", "SOCKS", "PROXY", "VSOCK",
                ])
        }
        "awk" | "gawk" | "mawk" => arguments.any(|word| contains(word, "/inet/tcp/")),
        _ => is_powershell(name) && arguments.any(|word| contains(word, "Sockets.TCPClient")),
    }
}

fn names_shell(word: &str) -> bool {
    let value = word.rsplit_once('=').map_or(word, |(_, value)| value);
    value.split_whitespace().next().is_some_and(|program| {
        let name = super::program::base_name(program);
        is_shell(&name) || is_powershell(&name) || name == "cmd"
    })
}

fn is_tls_client(command: &Command, name: &str) -> bool {
    name == "openssl" && command.arguments().next() == Some("s_client")
}

fn is_one_liner(command: &Command, name: &str) -> bool {
    LANGUAGES
        .iter()
        .filter(|(language, ..)| name.starts_with(language))
        .any(|(_, connect, run)| {
            let has = |list: &[&str]| {
                command
                    .arguments()
                    .any(|word| list.iter().any(|text| contains(word, text)))
            };
            has(connect) && has(run)
        })
}
