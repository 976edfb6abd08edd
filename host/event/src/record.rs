//! An event on its way to the detectors.

use std::sync::{Arc, OnceLock};

use crate::model::{AuditEvent, EventRef, Timestamp};
use crate::packed::{TooLarge, pack_into};
use bytes::Bytes;

/// Where an event was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The source's name; for a scan the file's path.
    pub source: Arc<str>,
    /// The line, counted from 1 where the host began to read.
    pub line: u64,
}

/// One event in the order of the host, shared by all detectors that judge it.
#[derive(Debug)]
pub struct Record {
    /// As the contract gives it; `ref_` is set, unique and increasing.
    pub event: Arc<AuditEvent>,
    /// The JSON text as the API server wrote it; of an event that a cloud keeps in another
    /// form, what it was translated into. It holds the memory of the lines around it,
    /// and is to be let go with the chunk.
    pub raw: Bytes,
    /// Who acted: the authenticated user name, or `address:IP` where nobody
    /// authenticated.
    pub actor: Arc<str>,
    /// The partition of the actor, below [`crate::PARTITIONS`].
    pub partition: u8,
    /// Whether this is the first stage of its request that has an answer.
    pub first_answer: bool,
    /// Where it was read.
    pub origin: Origin,
    /// The event as [`Record::packed`] gives it, once that was asked for.
    pub packed: OnceLock<Result<Vec<u8>, TooLarge>>,
}

impl Record {
    /// The reference of the event.
    #[must_use]
    pub fn reference(&self) -> EventRef {
        self.event.ref_
    }

    /// The JSON text as text.
    #[must_use]
    pub fn raw_text(&self) -> &str {
        // Only text is decoded.
        std::str::from_utf8(&self.raw).unwrap_or_default()
    }

    /// The event, packed: once, for all detectors that read it in place.
    ///
    /// # Errors
    /// As [`pack_into`].
    pub fn packed(&self) -> Result<&[u8], TooLarge> {
        self.packed
            .get_or_init(|| {
                // It is mostly smaller than the JSON text.
                let mut bytes = Vec::with_capacity(self.raw.len());
                pack_into(&*self.event, &mut bytes).map(|()| bytes)
            })
            .as_deref()
            .map_err(|&error| error)
    }

    /// When the event happened: the time of its stage, or of the request where
    /// the source has none.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        if self.event.time == 0 {
            self.event.request_time
        } else {
            self.event.time
        }
    }
}
