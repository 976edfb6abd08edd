//! What the program's exit code means.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// All was done, and there is a finding at least as severe as `--fail-on` says, or
    /// a test failed.
    Found = 1,
    /// Nothing, or not everything, could be done: wrong arguments or configuration.
    /// `clap` uses the same code.
    Failed = 2,
    /// Done as far as possible: a file could not be read to its end, a detector was
    /// refused, or an event was not judged.
    Partial = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
