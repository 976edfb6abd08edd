use std::fmt;

/// A problem that a host would report, or a mistake in a test's setup.
///
/// `Debug` prints the same as `Display`, so that `unwrap` prints a sentence in a failing test.
#[derive(Clone, PartialEq, thiserror::Error)]
pub enum TestError {
    /// The host would refuse the descriptor.
    #[error("the host would refuse the descriptor: {0}")]
    Descriptor(String),
    /// The test sets a setting that the descriptor does not declare, or with another kind of value.
    #[error("{0}")]
    Setting(String),
    /// The test adds an entry to an intel list of another content.
    #[error("`{entry}` cannot be on the intel list `{list}`, which holds {content}")]
    Intel {
        /// The list.
        list: String,
        /// The content of the list: addresses, domains, or names.
        content: &'static str,
        /// The entry.
        entry: String,
    },
    /// The detector refused its settings.
    #[error("the detector refused its settings: {0}")]
    Configure(String),
    /// The logs of a test cannot be read.
    #[error("{0}")]
    Fixture(String),
    /// A line could not be decoded.
    #[error("cannot decode line {line} as an audit event ({reason}): {detail}")]
    Rejected {
        /// The line number, from 1.
        line: usize,
        /// The host's reason, such as `malformed`.
        reason: &'static str,
        /// The cause and its position.
        detail: String,
    },
    /// The host drops the second of two audit events with the same id and stage.
    #[error(
        "the host would drop the audit event `{0}` as a duplicate: give each event an auditID of its own"
    )]
    Duplicate(String),
    /// The detector could not judge an event, or exceeded a limit.
    #[error("the event `{event}` was not judged: {reason}")]
    NotJudged {
        /// The event's id, as in [`super::RaisedFinding::event_ids`].
        event: String,
        /// The detector's reason, or the exceeded limit.
        reason: String,
    },
    /// The host would refuse a finding.
    #[error("the host would refuse a finding of type `{finding_type}`: {reason}")]
    Finding {
        /// The finding type.
        finding_type: String,
        /// The reason.
        reason: String,
    },
    /// The detector requested the JSON of an event that the test built.
    #[error(
        "the detector reads the JSON of the event `{0}`, but the test built the event without one: feed it with `audit_line`"
    )]
    NoText(String),
}

impl fmt::Debug for TestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
