use std::fmt;

/// Why a batch went otherwise than a working detector would have it.
///
/// Its `Debug` is its `Display`, so that what `unwrap` prints in a failing test is
/// a sentence.
#[derive(Clone, PartialEq, thiserror::Error)]
pub enum TestError {
    /// The host would refuse the descriptor.
    #[error("the host would refuse the descriptor: {0}")]
    Descriptor(String),
    /// The test gives a setting that the descriptor does not declare, or of another
    /// kind.
    #[error("{0}")]
    Setting(String),
    /// The test gives an intel list an entry that such a list cannot hold.
    #[error("`{entry}` cannot be on the intel list `{list}`, which holds {content}")]
    Intel {
        /// The list.
        list: String,
        /// What it holds.
        content: &'static str,
        /// The entry.
        entry: String,
    },
    /// The detector does not want these settings.
    #[error("the detector refuses its settings: {0}")]
    Configure(String),
    /// The text of an event cannot be decoded.
    #[error("line {line} is no audit event ({reason}): {detail}")]
    Rejected {
        /// Counted from 1 in the text that was fed.
        line: usize,
        /// The host's word for it, such as `malformed`.
        reason: &'static str,
        /// What is wrong, and where.
        detail: String,
    },
    /// The host drops the second of two audit events with the same id and stage.
    #[error(
        "the audit event `{0}` came before at the same stage, and the host would drop it: give each event an auditID of its own"
    )]
    Duplicate(String),
    /// The detector could not judge an event, or went over a limit.
    #[error("the event `{event}` was not judged: {reason}")]
    NotJudged {
        /// The event's id, as in [`super::RaisedFinding::event_ids`].
        event: String,
        /// What the detector says, or which limit it went over.
        reason: String,
    },
    /// The host would refuse a finding.
    #[error("the host would refuse a finding of type `{finding_type}`: {reason}")]
    Finding {
        /// Its type.
        finding_type: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The detector asked for the source text of an event that the test built.
    #[error(
        "the detector reads the JSON of the event `{0}`, which was built and has none: feed it with `audit_line`"
    )]
    NoText(String),
}

impl fmt::Debug for TestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
