//! The outcome of a call into a detector.

use serde::Serialize;

/// The outcome of a call into a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The call returned findings or none.
    Ok,
    /// The guest trapped: a panic, an `unreachable` instruction, or an invalid access.
    Trap,
    /// The call exceeded its deadline.
    Deadline,
    /// The guest requested more memory than its limit.
    Memory,
    /// The guest requested a larger table than its limit.
    Table,
    /// The guest exhausted its stack.
    Stack,
    /// The guest made more host calls than its limit.
    HostCalls,
    /// The result exceeded a limit or could not be read.
    Output,
    /// The guest reported an event that it could not judge.
    BadEvent,
    /// The guest reported a failure.
    Error,
}

impl Outcome {
    /// All outcomes, for metrics that include zeros.
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

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The kind of failure; never [`Outcome::Ok`].
    pub outcome: Outcome,
    /// A one-line description for the operator, with the guest's own error message if there is one.
    pub message: String,
    /// A hint for the operator; may be empty.
    pub hint: String,
}

impl Failure {
    /// Creates a failure without a hint.
    #[must_use]
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            message: message.into(),
            hint: String::new(),
        }
    }

    /// Adds a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
