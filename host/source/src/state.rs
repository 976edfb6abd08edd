//! The state of a source, for operators.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// The source's name.
    pub name: String,
    /// The file, or the address and path of the webhook.
    pub location: String,
    /// Why nothing can be read from it at present, if so.
    pub problem: Option<String>,
    /// A remark for operators, although the source is read.
    pub note: Option<String>,
    /// The queue on disk, for a webhook.
    pub queue: Option<QueueState>,
    /// For a webhook, the number of requests without valid credentials since the host started, by
    /// reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<String, u64>,
}

impl SourceState {
    /// Creates the state of a source that is read.
    #[must_use]
    pub fn new(name: &str, location: String) -> Self {
        Self {
            name: name.to_owned(),
            location,
            problem: None,
            note: None,
            queue: None,
            refused: BTreeMap::new(),
        }
    }
}

/// The queue of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    /// Bytes on disk, with those that are being written.
    pub bytes: u64,
    /// Bytes that the queue may take. A body that does not fit is refused with 429.
    pub limit: u64,
    /// Bodies that were acknowledged and have not been read.
    pub waiting: u64,
}
