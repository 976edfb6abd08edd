//! An event on its way to the detectors.

use std::sync::{Arc, OnceLock};

use crate::model::{AuditEvent, EventRef, Timestamp};
use crate::packed::{TooLarge, pack_into};
use bytes::Bytes;

/// The line an event was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The name of the source; for a scan, the path of the file.
    pub source: Arc<str>,
    /// The line number, from 1 where the host began to read.
    pub line: u64,
}

/// One event in the host's order, shared by all detectors that judge it.
#[derive(Debug)]
pub struct Record {
    /// The event as the contract defines it, with `ref_` set, unique, and increasing.
    pub event: Arc<AuditEvent>,
    /// The JSON text as the API server wrote it, or the translation of an event that a cloud
    /// keeps in another form. It holds the memory of neighboring lines, so drop it with the
    /// chunk.
    pub raw: Bytes,
    /// The actor: the authenticated user name, or `address:IP` for an unauthenticated peer.
    pub actor: Arc<str>,
    /// The partition of the actor, below [`crate::PARTITIONS`].
    pub partition: u8,
    /// Whether this is the first stage of its request with an answer.
    pub first_answer: bool,
    /// The line it was read from.
    pub origin: Origin,
    /// The result of [`Record::packed`], once it was requested.
    pub packed: OnceLock<Result<Vec<u8>, TooLarge>>,
}

impl Record {
    /// Returns the reference of the event.
    #[must_use]
    pub fn reference(&self) -> EventRef {
        self.event.ref_
    }

    /// Returns the JSON text as a string.
    #[must_use]
    pub fn raw_text(&self) -> &str {
        // Only UTF-8 is decoded.
        std::str::from_utf8(&self.raw).unwrap_or_default()
    }

    /// Returns the event in packed form. It is packed once for all detectors that read it in
    /// place.
    ///
    /// # Errors
    /// The same as [`pack_into`].
    pub fn packed(&self) -> Result<&[u8], TooLarge> {
        self.packed
            .get_or_init(|| {
                // The packed form is usually smaller than the JSON text.
                let mut bytes = Vec::with_capacity(self.raw.len());
                pack_into(&*self.event, &mut bytes).map(|()| bytes)
            })
            .as_deref()
            .map_err(|&error| error)
    }

    /// Returns the time of the event's stage, or of its request if the source has no time for
    /// the stage.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        if self.event.time == 0 {
            self.event.request_time
        } else {
            self.event.time
        }
    }
}
