//! Objects returned by reads, in events that no detector subscribes to.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use wardline_decode::{DecodeOutcome, Decoder, Head, Limits, ResponseObject, line_time};
use wardline_event::Origin;
use wardline_event::model::EventRef;
use wardline_inventory::{Inventory, Key};

use super::chunk::Rejection;
use super::decode::cluster_of;

/// An object that a request read.
pub struct ReadObject {
    /// The cluster that the envelope names, or else that of the line.
    cluster: Arc<str>,
    key: Key,
    /// The hash of the parts of the object that facts are extracted from. Two objects collide
    /// with a probability of 2^-64, which nobody outside the process can raise.
    digest: u64,
    /// The event.
    bytes: Bytes,
    origin: Origin,
}

impl ReadObject {
    /// Takes the object of an answer; `text` contains the event.
    #[must_use]
    pub fn new(
        answer: &ResponseObject<'_>,
        text: &Bytes,
        cluster: Arc<str>,
        origin: Origin,
    ) -> Self {
        let object = answer.object;
        let hashes = SeedableRandomState::with_seed(0, SharedSeed::global_random());
        let mut hasher = hashes.build_hasher();
        answer.telling(&mut |part| part.hash(&mut hasher));
        Self {
            cluster,
            key: (
                object.resource.to_owned(),
                object.namespace.to_owned(),
                object.name.to_owned(),
            ),
            digest: hasher.finish(),
            bytes: text.slice_ref(answer.bytes),
            origin,
        }
    }
}

impl ReadObject {
    /// Returns the line it was read from.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the time of the event; zero if it has none.
    pub(super) fn time(&self) -> u64 {
        line_time(&self.bytes).unwrap_or_default()
    }
}

/// Updates the inventory with objects that changed since they were last read. That is rare
/// enough to decode them on the sequencing thread.
pub struct ReadObjectLearner {
    limits: Limits,
    decoder: Decoder,
}

impl ReadObjectLearner {
    /// Creates a learner that decodes within these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            decoder: Decoder::default(),
        }
    }

    /// Updates the inventory with an object that was read after the event with the reference
    /// `after`. Returns a rejection if the event cannot be decoded.
    pub fn at(
        &mut self,
        seen: &ReadObject,
        inventory: &Inventory,
        after: EventRef,
    ) -> Option<Rejection> {
        if inventory.has_seen(&seen.cluster, &seen.key, seen.digest) {
            return None;
        }
        let mut rejection = None;
        let everything = |_: &Head<'_>| true;
        self.decoder.decode(
            &seen.bytes,
            &self.limits,
            &everything,
            &mut |unit| match unit {
                DecodeOutcome::Event(decoded) => {
                    // The reader of an object is not its last editor.
                    let cluster = cluster_of(&decoded.event, &seen.cluster);
                    inventory.apply(&cluster, &decoded.event, after, &Arc::from(""));
                    inventory.note_seen(&cluster, &seen.key, seen.digest);
                }
                DecodeOutcome::Rejected(rejected) => {
                    rejection = Some(Rejection::new(
                        rejected.reason,
                        rejected.detail,
                        rejected.bytes,
                        seen.origin.clone(),
                    ));
                }
                DecodeOutcome::ResponseObject(_) | DecodeOutcome::Filtered(_) => {}
            },
        );
        rejection
    }
}
