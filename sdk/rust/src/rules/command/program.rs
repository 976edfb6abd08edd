//! Programs that run other programs: shells, interpreters, and wrappers (`sudo`, `env`, `timeout`).

use super::shell::Word;

const SHELLS: [&str; 12] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "ksh93", "mksh", "rbash", "csh", "tcsh", "fish",
];

/// Reserved words that precede a command (POSIX.1-2024, 2.4).
const RESERVED: [&str; 12] = [
    "if", "then", "elif", "else", "do", "while", "until", "{", "!", "time", "}", "done",
];

/// The number of words before a shell that are read: `env`, `busybox`, and their options.
const WRAPPERS: usize = 4;

/// Returns the program's name in lower case, without directory and `.exe`; empty for an assignment.
pub fn base_name(word: &str) -> String {
    if is_assignment(word) {
        return String::new();
    }
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// Returns whether a word is an assignment: `NAME=value`.
pub fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+'))
    })
}

/// Returns whether a name is that of a Unix shell.
pub fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// Returns whether a name is that of PowerShell.
pub fn is_powershell(name: &str) -> bool {
    matches!(name, "powershell" | "pwsh")
}

fn is_script_language(name: &str) -> bool {
    let plain = name.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.');
    matches!(
        plain,
        "python" | "pypy" | "perl" | "ruby" | "node" | "nodejs" | "php" | "lua" | "deno" | "bun"
    )
}

/// Returns whether a name is that of a shell or another interpreter.
pub fn is_interpreter(name: &str) -> bool {
    is_shell(name) || is_powershell(name) || is_script_language(name)
}

/// Returns whether an argument vector starts a shell or another interpreter, also through a wrapper:
/// `/usr/bin/env bash`, `busybox sh`.
#[must_use]
pub fn starts_interpreter<'a>(words: impl IntoIterator<Item = &'a str>) -> bool {
    words
        .into_iter()
        .take(WRAPPERS)
        .any(|word| is_interpreter(&base_name(word)))
}

/// Returns whether a command is an interpreter that runs its input.
pub fn runs_input(words: &[String]) -> bool {
    let Some((first, arguments)) = words.split_first() else {
        return false;
    };
    let name = base_name(first);
    let is_shell = is_shell(&name);
    if !is_shell && !is_script_language(&name) {
        return false;
    }
    let mut takes_value = false;
    for argument in arguments {
        match argument.as_str() {
            _ if std::mem::take(&mut takes_value) => {}
            "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0" => return true,
            "-s" | "-is" | "-es" | "-se" if is_shell => return true,
            "-o" | "+o" | "-O" if is_shell => takes_value = true,
            "--rcfile" | "--init-file" => takes_value = true,
            "--version" | "--help" | "-V" | "-h" => return false,
            option if option.starts_with('-') => {
                let letters = option.trim_start_matches('-');
                let has_code = match is_shell {
                    true => !option.starts_with("--") && letters.contains('c'),
                    false => {
                        letters.starts_with("eval")
                            || letters.starts_with("print")
                            || (!option.starts_with("--")
                                && letters.contains(['c', 'm', 'e', 'n', 'p', 'r', 'v']))
                    }
                };
                if has_code {
                    return false;
                }
            }
            _ => return false,
        }
    }
    true
}

/// Returns whether a command runs the output of a substitution in this word.
pub fn runs_argument(words: &[Word], index: usize) -> bool {
    let (Some(first), Some(word)) = (words.first(), words.get(index)) else {
        return false;
    };
    if index == 0 {
        return word.text.starts_with("$(") || word.text.starts_with('`');
    }
    let name = base_name(&first.text);
    let before = words
        .get(index - 1)
        .map(|word| word.text.as_str())
        .unwrap_or_default();
    match name.as_str() {
        "source" | "." => index == 1,
        _ if is_interpreter(&name) => {
            word.is_process
                || matches!(
                    before,
                    "-c" | "-e" | "-r" | "--eval" | "-Command" | "-command"
                )
        }
        _ => false,
    }
}

/// The program or script that a command runs.
#[derive(Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// Nothing else.
    Nothing,
    /// The command that begins at this word. If `is_own`, the words before are a command of their
    /// own.
    Words { from: usize, is_own: bool },
    /// A script, with the same meaning of `is_own`.
    Script { text: String, is_own: bool },
}

/// Returns what a command runs: the command after `sudo`, the script of `sh -c`.
pub fn unwrap(words: &[Word]) -> Wrapped {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let Some((first, arguments)) = texts.split_first() else {
        return Wrapped::Nothing;
    };
    if RESERVED.contains(first) {
        return words_from(1, false, texts.len());
    }
    if is_assignment(first) {
        let set = texts.iter().take_while(|text| is_assignment(text)).count();
        return match set < texts.len() {
            true => words_from(set, false, texts.len()),
            false => Wrapped::Nothing,
        };
    }
    let name = base_name(first);
    let script = |text: Option<String>, is_own| match text {
        Some(text) if !text.trim().is_empty() => Wrapped::Script { text, is_own },
        _ => Wrapped::Nothing,
    };
    // The number of operands before the command, and the options that take a value.
    let (operands, with_value, is_own) = match name.as_str() {
        "eval" => return script(Some(arguments.join(" ")), false),
        "su" | "script" | "runuser" => {
            return script(option_value(arguments, &["-c", "-qc", "--command"]), false);
        }
        _ if is_shell(&name) => return script(shell_script(arguments), false),
        "env" => {
            if let Some(text) = option_value(arguments, &["-S", "--split-string"]) {
                return script(Some(text), false);
            }
            (0, ["-u", "-C", "--unset", "--chdir"].as_slice(), false)
        }
        "sudo" | "doas" => (0, ["-u", "-g", "-C", "-h", "-p", "-U"].as_slice(), false),
        "nohup" | "command" | "builtin" | "setsid" | "stdbuf" | "tini" | "dumb-init"
        | "catatonit" => (0, [].as_slice(), false),
        "exec" if !arguments.is_empty() => (0, ["-a"].as_slice(), false),
        "nice" | "ionice" | "chrt" | "taskset" => (0, ["-n", "-c", "-p"].as_slice(), false),
        "timeout" => (
            1,
            ["-s", "-k", "--signal", "--kill-after"].as_slice(),
            false,
        ),
        "gosu" | "su-exec" | "setpriv" | "flock" => (1, [].as_slice(), false),
        "watch" => (0, ["-n", "--interval"].as_slice(), false),
        "busybox" | "toybox" => (0, [].as_slice(), false),
        "xargs" => (
            0,
            ["-I", "-n", "-P", "-L", "-d", "-s", "-a"].as_slice(),
            false,
        ),
        "chroot" => (1, [].as_slice(), true),
        "nsenter" => (
            0,
            ["-t", "--target", "-S", "-G", "--setuid", "--setgid"].as_slice(),
            true,
        ),
        "unshare" => (0, ["-S", "-G", "--setuid", "--setgid"].as_slice(), true),
        _ => return Wrapped::Nothing,
    };
    match command_at(arguments, operands, with_value) {
        Some(at) => words_from(at + 1, is_own, texts.len()),
        None => Wrapped::Nothing,
    }
}

fn words_from(from: usize, is_own: bool, length: usize) -> Wrapped {
    match from < length || !is_own {
        true => Wrapped::Words { from, is_own },
        false => Wrapped::Nothing,
    }
}

/// Returns the index of a command among the arguments of its wrapper.
fn command_at(arguments: &[&str], mut operands: usize, with_value: &[&str]) -> Option<usize> {
    let mut takes_value = false;
    for (index, argument) in arguments.iter().enumerate() {
        if std::mem::take(&mut takes_value) {
            continue;
        }
        if *argument == "--" {
            return (index + 1 + operands < arguments.len()).then_some(index + 1 + operands);
        }
        if argument.starts_with('-') && argument.len() > 1 {
            takes_value = with_value.contains(argument);
        } else if is_assignment(argument) {
            // `env NAME=value command`.
        } else if operands > 0 {
            operands -= 1;
        } else {
            return Some(index);
        }
    }
    None
}

/// Returns the value of one of these options, which follows it or is joined to it by `=`.
fn option_value(arguments: &[&str], options: &[&str]) -> Option<String> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if options.contains(argument) {
            return arguments.next().map(|value| (*value).to_owned());
        }
        let joined = options.iter().find_map(|option| {
            argument
                .strip_prefix(option)
                .and_then(|value| value.strip_prefix('='))
        });
        if let Some(value) = joined {
            return Some(value.to_owned());
        }
    }
    None
}

/// Returns the script in a line that was joined from the words of `sh -c SCRIPT`.
pub fn joined_script(line: &str) -> Option<&str> {
    let (first, mut rest) = line.trim_start().split_once(char::is_whitespace)?;
    if !is_shell(&base_name(first)) {
        return None;
    }
    loop {
        let (option, rest_of_line) = rest.trim_start().split_once(char::is_whitespace)?;
        let letters = option.strip_prefix('-')?;
        if !letters.starts_with('-') && letters.contains('c') {
            return Some(rest_of_line);
        }
        rest = match letters {
            "o" | "O" => rest_of_line.trim_start().split_once(char::is_whitespace)?.1,
            _ => rest_of_line,
        };
    }
}

/// Returns the script of `sh -c`, `sh -lc`, or `sh -o pipefail -ec`.
fn shell_script(arguments: &[&str]) -> Option<String> {
    let (mut has_script, mut takes_value) = (false, false);
    for argument in arguments {
        if std::mem::take(&mut takes_value) {
            continue;
        }
        match argument.strip_prefix(['-', '+']) {
            Some(letters) if !letters.starts_with('-') => {
                has_script |= letters.contains('c');
                takes_value = letters.ends_with(['o', 'O']) && !letters.is_empty();
            }
            Some(_) => {}
            None => return has_script.then(|| (*argument).to_owned()),
        }
    }
    None
}
