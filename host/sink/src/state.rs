//! The state of a sink, for operators.

use serde::{Deserialize, Serialize};

/// The state of a sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkState {
    /// The sink's name.
    pub name: String,
    /// Number of committed findings that it has not taken.
    pub waiting: u64,
    /// Time since the oldest of them was committed, in seconds.
    pub oldest_seconds: u64,
    /// The failure at present, if it fails.
    pub failure: Option<SinkFailure>,
}

/// Why a sink does not take findings. They are kept, and delivered later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkFailure {
    /// The time of the first of several failures in a row (RFC 3339).
    pub since: String,
    /// The last error, with its causes.
    pub error: String,
}
