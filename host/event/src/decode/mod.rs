//! From what a source delivers to events.
//!
//! One line or document holds an `Event`, an `EventList`, an array of events, or
//! several of these behind each other. Each event is a unit of its own: whatever is
//! wrong with one costs only that one. Keys are matched exactly, as the API server
//! writes them; an event with a field twice is malformed.

mod connect;
mod event;
mod facts;
mod patch;
mod reject;
mod split;
mod time;

pub use reject::{Reject, Rejected};

use crate::model::AuditEvent;
use event::Envelope;
use split::{Scan, Unit};

/// What an event may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one event. The API server writes at most 1.5 MiB of objects (etcd's limit
    /// on a request), twice; 2 MiB is above what is seen.
    pub line_bytes: usize,
    /// How deep objects and arrays may be nested; 128 is far above what Kubernetes has.
    pub depth: usize,
}

/// One event.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The event; its reference is zero.
    pub event: AuditEvent,
    /// The JSON text of this event alone.
    pub raw: &'a str,
}

/// Decodes a line or a document: calls `each` once for every event in it, in order.
pub fn decode<'a>(
    bytes: &'a [u8],
    limits: &Limits,
    each: &mut dyn FnMut(Result<Decoded<'a>, Rejected<'a>>),
) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    split::units(bytes, &mut |unit| match unit {
        Unit::Event { bytes, scan, list } => each(one(bytes, &scan, &list, limits)),
        Unit::Broken { bytes, reject, detail } => each(Err(Rejected {
            reason: reject,
            detail,
            bytes,
        })),
    });
}

fn one<'a>(
    bytes: &'a [u8],
    scan: &Scan,
    list: &Envelope,
    limits: &Limits,
) -> Result<Decoded<'a>, Rejected<'a>> {
    let reject = |reason, detail: String| Rejected {
        reason,
        detail,
        bytes,
    };
    if bytes.len() > limits.line_bytes {
        let detail = format!("{} bytes; {} are allowed", bytes.len(), limits.line_bytes);
        return Err(reject(Reject::TooLong, detail));
    }
    if scan.depth > limits.depth {
        let detail = format!("nested {} deep; {} is allowed", scan.depth, limits.depth);
        return Err(reject(Reject::TooDeep, detail));
    }
    let raw = std::str::from_utf8(bytes).map_err(|error| {
        let detail = format!("byte {} is not UTF-8", error.valid_up_to());
        reject(Reject::NotUtf8, detail)
    })?;
    event::parse(raw, list)
        .map(|event| Decoded { event, raw })
        .map_err(|(reason, detail)| reject(reason, detail))
}

#[cfg(test)]
mod tests;
