//! How a call into a detector ended.

use serde::Serialize;

/// How a call into a detector ended. The names are those of metrics and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It answered.
    Ok,
    /// It stopped itself: a panic, an `unreachable`, a wrong access.
    Trap,
    /// It took longer than it may.
    Deadline,
    /// It asked for more memory than it may.
    Memory,
    /// It asked for a larger table than it may.
    Table,
    /// It used up its stack.
    Stack,
    /// It called the host more often than it may.
    HostCalls,
    /// What it answered was too much or could not be read.
    Output,
    /// It said that it could not judge an event.
    BadEvent,
    /// It said that it failed.
    Error,
}

impl Outcome {
    /// All of them, for metrics that show zeros.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Trap,
        Self::Deadline,
        Self::Memory,
        Self::Table,
        Self::Stack,
        Self::HostCalls,
        Self::Output,
        Self::BadEvent,
        Self::Error,
    ];

    /// The name in metrics and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Trap => "trap",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Stack => "stack",
            Self::HostCalls => "host_calls",
            Self::Output => "output",
            Self::BadEvent => "bad_event",
            Self::Error => "error",
        }
    }
}

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of end it was; never [`Outcome::Ok`].
    pub outcome: Outcome,
    /// What happened, for the operator: one line, and where there is one the
    /// guest's own last words.
    pub message: String,
    /// A hint what to do about it; may be empty.
    pub hint: String,
}

impl Failure {
    /// A failure without a hint.
    #[must_use]
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            message: message.into(),
            hint: String::new(),
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
