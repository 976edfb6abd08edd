//! The results of a chunk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wardline_decode::Reject;
use wardline_detect::{NotJudged, Tally};
use wardline_event::{Family, Origin};
use wardline_finding::Finding;
use wardline_state::Changes;

use super::coverage::ObjectCoverage;
use super::source_totals::SourceTotals;

/// How much of a rejected event is kept for the dead-letter file, in bytes.
const KEPT_BYTES: usize = 64 * 1024;

/// An event that could not be decoded.
#[derive(Debug, Clone)]
pub struct Rejection {
    /// The reason, as a single word.
    pub reason: Reject,
    /// The error and its position.
    pub detail: String,
    /// The text, or its beginning.
    pub bytes: Box<[u8]>,
    /// The line it was read from.
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

/// The results of a chunk, in an order that does not depend on threads.
#[derive(Default)]
pub struct Processed {
    /// Subscribed events, without duplicates.
    pub events: u64,
    /// Events that no detector subscribes to. They are counted but not decoded, so that
    /// duplicates among them go unnoticed.
    pub unwanted: u64,
    /// Duplicates that were dropped.
    pub duplicates: u64,
    /// Events whose times are wrong: in the future, or far from those around them.
    pub skewed: u64,
    /// Whether changes have their objects.
    pub coverage: ObjectCoverage,
    /// Findings that detectors received as signals.
    pub signals: u64,
    /// Records of other logs that clouds deliver together with the audit log.
    pub skipped: u64,
    /// The lines of each source.
    pub sources: SourceTotals,
    /// Events whose ends are missing, and which are judged by what is there.
    pub salvaged: u64,
    /// Events that could not be decoded.
    pub rejected: Vec<Rejection>,
    /// Occurrences of findings in the order of events, one for each claim.
    pub findings: Vec<Finding>,
    /// Skipped events and signals, one entry for each detector that did not judge an event it subscribes
    /// to.
    pub not_judged: Vec<NotJudged>,
    /// The number of distinct events in `not_judged`, signals excepted.
    pub events_not_judged: u64,
    /// The number of distinct signals in `not_judged`.
    pub signals_not_judged: u64,
    /// The work of each detector, by name.
    pub tallies: BTreeMap<Arc<str>, Tally>,
    /// Changes of detector state, by detector and partition.
    pub changes: Vec<(Arc<str>, u8, Changes)>,
}

impl Processed {
    /// Sorts the skipped events, and counts them.
    pub(super) fn count_not_judged(&mut self) {
        self.not_judged.sort_by(|one, other| {
            let about = one.record.subject().reference();
            about
                .cmp(&other.record.subject().reference())
                .then_with(|| one.record.reference().cmp(&other.record.reference()))
                .then_with(|| one.detector.name().cmp(other.detector.name()))
        });
        let (mut events, mut signals) = (BTreeSet::new(), BTreeSet::new());
        for skipped in &self.not_judged {
            let counted = match skipped.record.family() {
                Family::Signal => &mut signals,
                Family::Audit | Family::Runtime => &mut events,
            };
            counted.insert(skipped.record.reference());
        }
        self.events_not_judged = events.len() as u64;
        self.signals_not_judged = signals.len() as u64;
    }
}
