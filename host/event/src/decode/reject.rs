//! Why an event is not judged.

/// Why, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reject {
    /// More bytes than an event may have.
    TooLong,
    /// Bytes that are not UTF-8 (RFC 8259, section 8.1).
    NotUtf8,
    /// Nested deeper than an event may be.
    TooDeep,
    /// Not JSON.
    Malformed,
    /// JSON that was cut off.
    Incomplete,
    /// JSON, but no audit event.
    NotAnAuditEvent,
    /// An audit event of another version than `audit.k8s.io/v1`.
    UnsupportedVersion,
    /// Without a field that every audit event has.
    MissingField,
    /// With a field of the wrong type or an unknown value.
    InvalidField,
}

impl Reject {
    /// All of them, for metrics that show zeros.
    pub const ALL: [Self; 9] = [
        Self::TooLong,
        Self::NotUtf8,
        Self::TooDeep,
        Self::Malformed,
        Self::Incomplete,
        Self::NotAnAuditEvent,
        Self::UnsupportedVersion,
        Self::MissingField,
        Self::InvalidField,
    ];

    /// The name in metrics and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::NotUtf8 => "not_utf8",
            Self::TooDeep => "too_deep",
            Self::Malformed => "malformed",
            Self::Incomplete => "incomplete",
            Self::NotAnAuditEvent => "not_an_audit_event",
            Self::UnsupportedVersion => "unsupported_version",
            Self::MissingField => "missing_field",
            Self::InvalidField => "invalid_field",
        }
    }
}

/// An event that is not judged.
#[derive(Debug)]
pub struct Rejected<'a> {
    /// Why, in a word.
    pub reason: Reject,
    /// What is wrong, and where.
    pub detail: String,
    /// What was read of it.
    pub bytes: &'a [u8],
}
