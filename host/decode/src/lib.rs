//! Decodes bytes into audit events.
//!
//! [`decode`] takes one line of an audit log or one document of the audit webhook and
//! passes each of its events to a closure. Input that is not an event affects nothing
//! else: it is passed on as [`Rejected`], with the reason to count and the bytes to keep.
//! Cloud envelopes are opened by [`envelope`] first.
//!
//! Decisions that the format leaves open:
//! - Keys are matched by exact case. Go's `encoding/json` accepts `AuditID` for `auditID`,
//!   but kube-apiserver writes only the exact case, and one spelling has one meaning.
//! - If a key occurs twice, the last value counts, as in Go.
//! - `null` is the same as a missing value, as in Go.
//! - `kind` and `apiVersion` may be missing (the items of an `EventList` omit them).
//!   JSON with neither a `kind` nor an `auditID` is not an audit event.
//!
//! `AuditEvent::attributes` has these keys:
//! - `authenticationMetadata.NAME`, such as `authenticationMetadata.impersonationConstraint`;
//! - `responseStatus.details`, as JSON text;
//! - `requestObject.unreadable` and `responseObject.unreadable`: why an object could not
//!   be read as it is (a number outside the range of a double, half of a surrogate pair); facts
//!   are read from the rest of it;
//! - `NAME` for every other field of the event that the model lacks: its text, or its JSON
//!   text if it is not a string;
//! - `cluster`, `cloud.provider`, `cloud.account.id`, `cloud.region`, and
//!   `cloud.availability_zone`, if an envelope names them ([`envelope::CloudScope`]).
//!
//! Values of attributes are truncated to 1,024 bytes.

mod connect;
mod document;
pub mod envelope;
mod event;
mod facts;
mod fast;
mod fields;
mod groups;
mod index;
mod item;
mod json;
mod line_time;
mod members;
mod mend;
mod patch;
pub mod pointer;
mod recover;
mod reject;
mod scan;
mod split;
mod text;
mod time;

pub use fast::{
    DecodeOutcome, Decoder, Demand, DemandFilter, Head, HeadObject, HeadUser, ResponseObject, Texts,
};
pub use line_time::line_time;
pub use recover::recover;
pub use reject::{Reject, Rejected};

use wardline_event::model::AuditEvent;

/// The deepest nesting that is ever parsed: the limit of `serde_json`, whose parser is
/// recursive.
const DEPTH_CEILING: usize = 128;

/// Bounds on the input. There is no default, because only the caller knows how far it
/// trusts the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest event that is read in full, in bytes; the objects of request and response may have
    /// 3 MiB each (the API server's own limit), and JSON's escapes make them longer. It applies to each
    /// event of a list; the caller bounds the list.
    pub line_bytes: usize,
    /// The longest document that is unpacked from an envelope, in bytes.
    pub document_bytes: usize,
    /// The deepest nesting of objects and arrays in an event; the event itself counts as 1.
    /// 128 is safe, and is also the maximum: greater values count as 128.
    pub depth: usize,
}

/// An event with its JSON text.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// Its `ref_` is 0: the host assigns references.
    pub event: AuditEvent,
    /// The JSON text of this event alone.
    pub raw: &'a str,
}

/// Decodes one line or one document: an `Event`, an `EventList`, or a JSON array of
/// `Event`s. Calls `each` once for every event or rejected part, in order, but not for a
/// blank line or a lone byte order mark.
///
/// Each item of a list is decoded separately: an item that is broken, too long, too deep,
/// or truncated does not affect the others. A truncated list ends with
/// [`Reject::Incomplete`], without bytes if it was truncated between two items.
///
/// Never panics and never recurses deeper than [`Limits::depth`], whatever the input.
pub fn decode<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    each: &mut dyn FnMut(Result<Decoded<'a>, Rejected<'a>>),
) {
    document::decode(
        bytes,
        &mut |unit, listed_version| document::single(unit, limits, listed_version),
        Err,
        limits,
        each,
    );
}
