//! The exit codes.

use std::process::ExitCode;

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Success.
    Done = 0,
    /// Success, but a finding is at least as severe as `--fail-on`, or a test failed.
    Found = 1,
    /// Failure, for example because of invalid arguments or configuration. `clap` uses the same
    /// code.
    Failed = 2,
    /// Partial success: a file could not be read completely, a detector was refused, input was
    /// rejected, there was no event in it, or an event was not judged.
    Partial = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
