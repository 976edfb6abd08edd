//! Why something is no event.

use super::text::cut;

/// The longest detail, in bytes.
const DETAIL_BYTES: usize = 256;

/// Why a unit of the input gave no event. Each unit has one reason; the names are
/// metric labels and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reject {
    /// Longer than [`super::Limits::line_bytes`], or unpacked longer than
    /// [`super::Limits::document_bytes`]. It was not parsed.
    TooLong,
    /// Not UTF-8 (RFC 8259, section 8.1).
    NotUtf8,
    /// Nested deeper than [`super::Limits::depth`]. It was not parsed.
    TooDeep,
    /// Not JSON (RFC 8259).
    Malformed,
    /// JSON that ends too early: a line that is still being written, or a document
    /// that was cut off.
    Incomplete,
    /// JSON, but no audit event: another `kind`, another API group, or no object.
    NotAnAuditEvent,
    /// An audit event of another version than `audit.k8s.io/v1`.
    UnsupportedVersion,
    /// `auditID`, `stage`, `level`, `verb` or `requestURI` is absent or empty.
    MissingField,
    /// A field has a value of the wrong type or one that this version does not know.
    InvalidField,
    /// What a cloud wraps events in is not as it should be: broken base64 or gzip, no
    /// message, or too many envelopes inside each other.
    BrokenEnvelope,
}

impl Reject {
    /// All reasons, those of an event in the order in which they are looked for.
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

impl std::fmt::Display for Reject {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A unit of the input that is no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected<'a> {
    pub reason: Reject,
    /// What is wrong and where (field or column), for a person; at most 256 bytes.
    /// It may quote the input: untrusted.
    pub detail: String,
    /// The unit as it came.
    pub bytes: &'a [u8],
}

/// A reason with its detail, before the unit's bytes are known.
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
