//! The findings of a chunk as events for detectors that subscribe to findings.
//!
//! The detectors of each level judge all their signals of a chunk at once, in the order of the
//! events that these are about. A detector of a higher level receives nothing that a lower level
//! could still raise, so that the order depends on neither threads nor chunks.

use std::cmp::Ordering;
use std::sync::Arc;

use wardline_check::Claim;
use wardline_event::Record;
use wardline_finding::{Finding, compare, finding_of, signal_of};
use wardline_order::{Sequenced, Sequencer};
use wardline_route::Router;

/// A claim and the finding that was made of it.
pub(super) struct Judgment {
    pub claim: Claim,
    pub finding: Finding,
}

impl Judgment {
    pub fn of(claim: Claim) -> Self {
        Self {
            finding: finding_of(&claim),
            claim,
        }
    }

    /// Compares two judgments by the order of their findings.
    pub fn compare(&self, other: &Self) -> Ordering {
        compare(&self.claim, &other.claim)
    }
}

/// A signal, with the index of its judgment.
pub(super) type Noted = (usize, Arc<Record>);

/// Numbers the judgments that are signals to any detector. `new` begins with the judgment at
/// `index`.
pub(super) fn note(
    new: &[Judgment],
    index: usize,
    router: &Router,
    sequencer: &mut Sequencer,
    signals: &mut Vec<Noted>,
) {
    for (index, judgment) in (index..).zip(new) {
        let record = signal_of(&judgment.claim, &judgment.finding);
        let mut is_subscribed = false;
        router.each(&record, |_| is_subscribed = true);
        if is_subscribed && let Sequenced::Record(record) = sequencer.take(record) {
            signals.push((index, Arc::new(record)));
        }
    }
}

/// Returns all signals in the order in which detectors receive them.
pub(super) fn in_order(signals: &[Noted], judgments: &[Judgment]) -> Vec<Arc<Record>> {
    let mut sorted: Vec<(&Judgment, &Arc<Record>)> = signals
        .iter()
        .filter_map(|(index, record)| Some((judgments.get(*index)?, record)))
        .collect();
    sorted.sort_by(|(one, _), (other, _)| one.compare(other));
    sorted
        .into_iter()
        .map(|(_, record)| Arc::clone(record))
        .collect()
}
