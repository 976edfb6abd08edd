//! The audit family: duplicates and first answers.

use wardline_event::model::{AuditEvent, Stage};

use super::SequencerError;
use super::dedup::Dedup;
use super::identity::Identity;
use super::open::OpenRequests;
use super::reuse::Reuse;

/// How many events are remembered at least, to drop duplicates: some minutes of a busy cluster.
///
/// A webhook gives up on a batch after about 80 seconds (five tries, 10 s after the first and
/// then 1.5 times as long each time), so that this is enough for 2,500 events a second.
const REMEMBERED: usize = 200_000;

/// The meta key of the open requests.
const OPEN: &str = "sequence/requests";

/// A stage of a request that was not seen before.
pub(super) struct Taken {
    /// Whether it is the first of its request with an answer.
    pub is_first_answer: bool,
    /// Whether its audit id is that of a recent request by another user, with another verb, or for
    /// another URI.
    pub is_id_reused: bool,
}

/// The stages of requests that were seen, per cluster.
pub(super) struct AuditOrder {
    dedup: Dedup,
    open: OpenRequests,
    reuse: Reuse,
}

impl Default for AuditOrder {
    fn default() -> Self {
        Self {
            dedup: Dedup::new(REMEMBERED),
            open: OpenRequests::default(),
            reuse: Reuse::new(REMEMBERED),
        }
    }
}

impl AuditOrder {
    /// Resumes from what [`Self::save`] returned. `load` returns a saved value.
    pub fn restore(load: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Self, SequencerError> {
        let mut order = Self {
            dedup: Dedup::restore(REMEMBERED, load)?,
            open: OpenRequests::default(),
            reuse: Reuse::new(REMEMBERED),
        };
        if let Some(saved) = load(OPEN) {
            order.open.restore(&saved);
        }
        Ok(order)
    }

    /// Returns the changes to save for the next start.
    pub fn save(&mut self) -> Vec<(String, Vec<u8>)> {
        let open = self.open.take_changed();
        let open = open.map(|open| (OPEN.to_owned(), open));
        open.into_iter().chain(self.dedup.save()).collect()
    }

    /// Sequences a stage of a request, or returns `None` if it was seen before.
    /// `text` is the event as its source wrote it.
    pub fn take(&mut self, cluster: &str, event: &AuditEvent, text: &[u8]) -> Option<Taken> {
        let identity = Identity::of(self.dedup.key(), cluster, event, text);
        self.dedup.insert(identity.event).then(|| Taken {
            is_first_answer: self.is_first_answer(identity.request, event),
            is_id_reused: self.reuse.note(&identity),
        })
    }

    /// A request is answered once: at `ResponseStarted` if it continues (an exec, a watch, and
    /// every 401), otherwise at `ResponseComplete` or `Panic`.
    fn is_first_answer(&mut self, request: u128, event: &AuditEvent) -> bool {
        match event.stage {
            Stage::RequestReceived => false,
            Stage::ResponseStarted => {
                // A 401 ends with this stage.
                if event
                    .response
                    .as_ref()
                    .is_some_and(|response| response.code == 401)
                {
                    return !self.open.contains(request);
                }
                self.open.begin(request)
            }
            Stage::ResponseComplete | Stage::Panic => !self.open.end(request),
        }
    }
}
