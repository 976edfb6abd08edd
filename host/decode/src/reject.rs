//! The reasons for rejecting input.

use super::text::cut;

/// The longest detail, in bytes.
const DETAIL_BYTES: usize = 256;

/// The reason why input gave no event. Each rejection has one reason; the names are
/// metric labels and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reject {
    /// Longer than [`super::Limits::line_bytes`], or longer than
    /// [`super::Limits::document_bytes`] when unpacked. It was not parsed.
    TooLong,
    /// Not UTF-8 (RFC 8259, section 8.1).
    NotUtf8,
    /// Nested deeper than [`super::Limits::depth`]. It was not parsed.
    TooDeep,
    /// Not JSON (RFC 8259).
    Malformed,
    /// Truncated JSON: an incomplete document, or a line that is still being written.
    Incomplete,
    /// JSON, but not an audit event: another `kind`, another API group, or not an object.
    NotAnAuditEvent,
    /// An audit event of a version other than `audit.k8s.io/v1`.
    UnsupportedVersion,
    /// `auditID`, `stage`, `level`, `verb`, or `requestURI` is missing or empty.
    MissingField,
    /// A field has a value of the wrong type or one that this version does not know.
    InvalidField,
    /// A cloud envelope is invalid: broken base64 or gzip, no message, or too many nested
    /// envelopes.
    BrokenEnvelope,
}

impl Reject {
    /// All reasons; those of an event stand in the order in which they are checked.
    pub const ALL: [Self; 10] = [
        Self::TooLong,
        Self::NotUtf8,
        Self::TooDeep,
        Self::Malformed,
        Self::Incomplete,
        Self::NotAnAuditEvent,
        Self::UnsupportedVersion,
        Self::MissingField,
        Self::InvalidField,
        Self::BrokenEnvelope,
    ];

    /// The name in metrics and dead-letter files, in `snake_case`.
    pub const fn as_str(self) -> &'static str {
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
            Self::BrokenEnvelope => "broken_envelope",
        }
    }
}

impl Reject {
    /// Returns what the operator can do about it, in one sentence.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::TooLong => {
                "raise `decode.line-limit` or `decode.document-limit` if such long input is expected"
            }
            Self::NotUtf8 => {
                "check that the file is an audit log, and compressed with nothing but gzip or zstd"
            }
            Self::TooDeep => "raise `decode.depth` if such deep nesting is expected",
            Self::Malformed => {
                "check that the file is an audit log: one JSON event per line, or `EventList` documents"
            }
            Self::Incomplete => "check whether the file was cut off, or is still being written",
            Self::NotAnAuditEvent => {
                "check that the file is the audit log of kube-apiserver, and not another log"
            }
            Self::UnsupportedVersion => {
                "let kube-apiserver write `audit.k8s.io/v1` (`--audit-log-version`)"
            }
            Self::MissingField | Self::InvalidField => {
                "check that nothing between kube-apiserver and this file changes events"
            }
            Self::BrokenEnvelope => "export the log from the cloud once more",
        }
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A part of the input that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected<'a> {
    /// The reason.
    pub reason: Reject,
    /// The fault and its location (field or column), for the operator; at most 256 bytes.
    /// It may quote the input and is untrusted.
    pub detail: String,
    /// The rejected bytes, unchanged.
    pub bytes: &'a [u8],
}

/// A reason with its detail, before the rejected bytes are known.
#[derive(Debug)]
pub(super) struct Fault {
    pub reason: Reject,
    pub detail: String,
}

impl Fault {
    pub fn new(reason: Reject, detail: impl AsRef<str>) -> Self {
        Self {
            reason,
            detail: cut(detail.as_ref(), DETAIL_BYTES).to_owned(),
        }
    }

    pub fn on(self, bytes: &[u8]) -> Rejected<'_> {
        Rejected {
            reason: self.reason,
            detail: self.detail,
            bytes,
        }
    }
}
