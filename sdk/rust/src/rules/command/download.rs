//! Downloads and decoded texts that are run
//! (<https://attack.mitre.org/techniques/T1105/>, <https://attack.mitre.org/techniques/T1140/>).

use super::parse::{Command, pipeline_text};
use super::program::{base_name, is_interpreter};
use super::{FoundSigns, Kind};
use crate::text::contains;

/// Sources of Kubernetes' own tools, which scripts download and run.
const TOOLS: [&str; 4] = [
    "://dl.k8s.io/",
    "://storage.googleapis.com/kubernetes-release/",
    "://get.helm.sh/",
    "://mirror.openshift.com/",
];

pub(super) fn find(commands: &[Command], found: &mut FoundSigns) {
    for (index, command) in commands.iter().enumerate() {
        let Some(kind) = source(command) else {
            continue;
        };
        if is_run(commands, index) {
            let text = pipeline_text(commands, command.pipeline);
            found.add(kind, text);
        } else if let Some(run) = is_saved_and_run(commands, index) {
            found.add(
                kind,
                format!(
                    "{}; {}",
                    pipeline_text(commands, command.pipeline),
                    run.text()
                ),
            );
        }
    }
    for command in commands {
        if has_encoded_code(command) {
            found.add(Kind::DecodedPayload, command.text());
        }
    }
}

/// Returns the kind of a command that downloads or decodes something.
fn source(command: &Command) -> Option<Kind> {
    let name = command.name.as_str();
    let has = |options: &[&str]| command.arguments().any(|word| options.contains(&word));
    let fetches = is_fetch(name)
        && !command
            .words
            .iter()
            .any(|word| TOOLS.iter().any(|tool| contains(word, tool)));
    if fetches {
        return Some(Kind::DownloadAndRun);
    }
    let short = |letter| {
        command
            .arguments()
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(letter))
    };
    let decodes = match name {
        "base64" | "base32" | "basenc" => short('d') || short('D') || has(&["--decode"]),
        "xxd" => short('r'),
        "openssl" => short('d') && has(&["enc", "base64", "-base64", "-a"]),
        "uudecode" | "rev" => true,
        "echo" => short('e') && command.arguments().any(|word| contains(word, "\\x")),
        "printf" => command.arguments().any(|word| contains(word, "\\x")),
        _ => false,
    };
    decodes.then_some(Kind::DecodedPayload)
}

/// Returns whether a program downloads files.
pub(super) fn is_fetch(name: &str) -> bool {
    matches!(
        name,
        "curl"
            | "wget"
            | "aria2c"
            | "fetch"
            | "lwp-download"
            | "lynx"
            | "axel"
            | "ftpget"
            | "tftp"
            | "http"
            | "https"
            | "xh"
            | "invoke-webrequest"
            | "iwr"
    )
}

/// Returns whether an interpreter runs the command's output.
fn is_run(commands: &[Command], index: usize) -> bool {
    let Some((command, behind)) = commands.get(index..).and_then(<[Command]>::split_first) else {
        return false;
    };
    command.output_is_run
        || behind.iter().any(|other| {
            other.pipeline == command.pipeline && other.piped_into && other.runs_input()
        })
}

/// Returns the command that runs the file in which the output is saved.
fn is_saved_and_run(commands: &[Command], index: usize) -> Option<&Command> {
    let command = commands.get(index)?;
    let file = saved_as(commands, command)?;
    let behind = commands.get(index + 1..)?;
    behind.iter().find(|other| {
        let first = other.words.first().map(String::as_str).unwrap_or_default();
        let is_itself = first.contains('/') && base_name(first) == file;
        let is_argument = || {
            let name = other.name.as_str();
            (is_interpreter(name) || matches!(name, "." | "source"))
                && other
                    .arguments()
                    .find(|word| !word.starts_with('-'))
                    .is_some_and(|word| base_name(word) == file)
        };
        is_itself || is_argument()
    })
}

/// Returns the name of the file in which the output of a command, or of its pipeline, is saved.
fn saved_as(commands: &[Command], command: &Command) -> Option<String> {
    let mut arguments = command.arguments();
    let url = || {
        command
            .arguments()
            .rfind(|word| contains(word, "://") || contains(word, "/"))
            .map(|url| url.split(['?', '#']).next().unwrap_or(url))
    };
    let redirect = commands
        .iter()
        .filter(|other| other.pipeline == command.pipeline)
        .flat_map(|other| {
            let written = other
                .redirects
                .iter()
                .filter(|to| to.operator == ">" || to.operator == ">>")
                .map(|to| to.target.as_str());
            let tee = (other.name == "tee").then(|| other.arguments().next_back());
            written.chain(tee.flatten())
        })
        .next();
    if let Some(file) = redirect {
        return Some(base_name(file));
    }
    let name = command.name.as_str();
    while let Some(argument) = arguments.next() {
        let is_curl = name == "curl";
        let short = argument.starts_with('-') && !argument.starts_with("--");
        if matches!(argument, "--output" | "--output-document")
            || (short && argument.ends_with(if is_curl { 'o' } else { 'O' }))
        {
            return arguments.next().map(base_name);
        }
        if let Some(file) = argument
            .strip_prefix("--output=")
            .or_else(|| argument.strip_prefix("--output-document="))
        {
            return Some(base_name(file));
        }
        if is_curl && (argument == "--remote-name" || (short && argument.contains('O'))) {
            return url().map(base_name);
        }
    }
    (name == "wget").then(url).flatten().map(base_name)
}

/// Returns whether an interpreter runs encoded code in an argument.
fn has_encoded_code(command: &Command) -> bool {
    let name = command.name.as_str();
    let has = |texts: &[&str]| {
        command
            .arguments()
            .any(|word| texts.iter().all(|text| contains(word, text)))
    };
    if name.starts_with("python") {
        return has(&["b64decode", "exec("]) || has(&["b64decode", "os.system"]);
    }
    match name {
        "perl" => has(&["decode_base64", "eval"]) || has(&["decode_base64", "system"]),
        "php" => has(&["base64_decode", "eval"]) || has(&["base64_decode", "system"]),
        "ruby" => has(&["decode64", "eval"]),
        "node" => has(&["base64", "eval"]),
        _ if super::program::is_powershell(name) => command.arguments().any(|word| {
            let lower = word.to_ascii_lowercase();
            lower.len() >= 3 && lower.starts_with("-e") && "-encodedcommand".starts_with(&lower)
        }),
        _ => false,
    }
}
