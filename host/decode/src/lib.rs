//! From bytes to audit events.
//!
//! [`decode`] takes one line of an audit log or one document of the audit webhook and
//! hands over each event of it. What is no event costs only itself: it is handed over
//! as [`Rejected`], with the reason to count and the bytes to keep.
//!
//! What clouds wrap events in is opened by [`envelope`] before.
//!
//! Decisions that the format leaves open:
//! - Keys are matched by exact case. Go's `encoding/json` would take `AuditID` for
//!   `auditID`; kube-apiserver writes exact case only, and one spelling is one meaning.
//! - Of a key that comes twice the last counts, as in Go.
//! - `null` is the same as absent, as in Go.
//! - `kind` and `apiVersion` may be absent (they are in the items of an `EventList`).
//!   What has neither a `kind` nor an `auditID` is no audit event.
//!
//! `AuditEvent::attributes` has these keys:
//! - `authenticationMetadata.NAME`, such as `authenticationMetadata.impersonationConstraint`;
//! - `responseStatus.details`, as JSON text;
//! - `requestObject.unreadable` and `responseObject.unreadable`: why an object could not
//!   be looked into (a number beyond the range of a double, half of a surrogate pair);
//! - `NAME` for every other field of the event that has no place in the model: its text,
//!   or the JSON text of what is no string;
//! - `cluster`, `cloud.provider`, `cloud.account.id`, `cloud.region` and
//!   `cloud.availability_zone`, as far as an envelope says them ([`envelope::Place`]).
//!
//! Values of attributes are cut at 1,024 bytes.

mod connect;
mod document;
pub mod envelope;
mod event;
mod facts;
mod fast;
mod fields;
mod index;
mod item;
mod json;
mod members;
mod patch;
mod reject;
mod scan;
mod split;
mod text;
mod time;

pub use fast::{Answer, Decoder, Head, HeadObject, HeadUser, Interest, Texts, Unit, Wanted};
pub use reject::{Reject, Rejected};

use wardline_event::model::AuditEvent;

/// The deepest nesting that is ever parsed: what `serde_json` allows, whose parser
/// is recursive.
const DEPTH_CEILING: usize = 128;

/// What the input may ask of the decoder. Without a default: whoever decodes knows how
/// far the source is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest event, in bytes; 2 MiB is safe for every API server (its own limit
    /// for a request is 3 MiB, and 100 KiB is the usual `--audit-log-truncate-max-event-size`).
    /// It holds for each event of a list; the caller bounds the list.
    pub line_bytes: usize,
    /// The longest document that is unpacked from an envelope, in bytes.
    pub document_bytes: usize,
    /// The deepest nesting of objects and arrays in an event, the event itself being 1.
    /// 128 is safe and also the most: greater values count as 128.
    pub depth: usize,
}

/// An event with the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'a> {
    /// `ref_` is 0: the host gives references.
    pub event: AuditEvent,
    /// The JSON text of this event alone.
    pub raw: &'a str,
}

/// Decodes one line or one document: an `Event`, an `EventList`, or a JSON array of
/// `Event`s. Calls `each` once for every unit, in order; never for a blank line or a
/// byte order mark alone.
///
/// The items of a list are units of their own: one that is broken, too long, too deep or
/// cut off does not cost the others. Of a list that is cut off the last unit is
/// [`Reject::Incomplete`], with no bytes if the cut is between two items.
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
