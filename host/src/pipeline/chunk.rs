//! What comes out of a chunk.

use std::collections::BTreeMap;
use std::sync::Arc;

use wardline_decode::Reject;
use wardline_detect::{NotJudged, Tally};
use wardline_event::Origin;
use wardline_finding::Finding;
use wardline_state::Changes;

/// Bytes of a rejected event that are kept for the dead-letter file.
const KEPT_BYTES: usize = 64 * 1024;

/// An event that could not be decoded.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// Why, in a word.
    pub reason: Reject,
    /// What is wrong, and where.
    pub detail: String,
    /// What was read, or its beginning.
    pub bytes: Box<[u8]>,
    /// Where it was read.
    pub origin: Origin,
}

impl Rejection {
    pub(super) fn new(reason: Reject, detail: String, bytes: &[u8], origin: Origin) -> Self {
        Self {
            reason,
            detail,
            bytes: bytes.get(..KEPT_BYTES).unwrap_or(bytes).into(),
            origin,
        }
    }
}

/// What came of a chunk, in an order that does not depend on threads.
#[derive(Default)]
pub struct Processed {
    /// Events that somebody wants, and not repeats.
    pub events: u64,
    /// Events that no detector subscribes to. They are counted and not looked into, so that
    /// repeats among them are not known as such.
    pub unwanted: u64,
    /// Repeats that were dropped.
    pub duplicates: u64,
    /// Records of other logs, which clouds deliver with the audit log.
    pub skipped: u64,
    /// Events that could not be decoded.
    pub rejected: Vec<Rejection>,
    /// Occurrences of findings, by event: one for each claim.
    pub findings: Vec<Finding>,
    /// Events that a detector should have judged and did not, by event.
    pub not_judged: Vec<NotJudged>,
    /// Events of these, each counted once.
    pub events_not_judged: u64,
    /// What each detector did, by name.
    pub tallies: BTreeMap<Arc<str>, Tally>,
    /// What changed in the detectors' state.
    pub changes: Vec<(Arc<str>, u8, Changes)>,
}
