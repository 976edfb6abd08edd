//! Objects that somebody read, in events that no detector wants.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;
use foldhash::SharedSeed;
use foldhash::quality::SeedableRandomState;
use wardline_decode::{Answer, Decoder, Head, Limits, Unit};
use wardline_event::Origin;
use wardline_event::model::EventRef;
use wardline_inventory::{Inventory, Key};

use super::chunk::Rejection;

/// An object that somebody read.
pub struct Seen {
    key: Key,
    /// Of what facts are read from in the object's text. Two texts have the same only by a
    /// chance of one in 2^64, which nobody outside of the process can raise.
    digest: u64,
    /// The event.
    bytes: Bytes,
    origin: Origin,
}

impl Seen {
    /// The object of an answer; `text` has the event in it.
    #[must_use]
    pub fn new(answer: &Answer<'_>, text: &Bytes, origin: Origin) -> Self {
        let object = answer.object;
        let hashes = SeedableRandomState::with_seed(0, SharedSeed::global_random());
        let mut hasher = hashes.build_hasher();
        answer.telling(&mut |part| part.hash(&mut hasher));
        Self {
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

/// Learns from objects that are not what they were when they were last read. That is rare
/// enough for one thread to decode them, where it is known.
pub struct SecondLook {
    limits: Limits,
    decoder: Decoder,
}

impl SecondLook {
    /// Decodes within these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            decoder: Decoder::default(),
        }
    }

    /// Looks at an object, which was read after the event with this reference. Gives what is
    /// wrong with the event, if it can not be decoded.
    pub fn at(&mut self, seen: &Seen, inventory: &Inventory, after: EventRef) -> Option<Rejection> {
        if inventory.has_seen(&seen.key, seen.digest) {
            return None;
        }
        let mut rejection = None;
        let everything = |_: &Head<'_>| true;
        self.decoder.decode(
            &seen.bytes,
            &self.limits,
            &everything,
            &mut |unit| match unit {
                Unit::Event(decoded) => {
                    // Who reads an object is not who changed it.
                    inventory.apply(&decoded.event, after, &Arc::from(""));
                    inventory.note_seen(&seen.key, seen.digest);
                }
                Unit::Rejected(rejected) => {
                    rejection = Some(Rejection::new(
                        rejected.reason,
                        rejected.detail,
                        rejected.bytes,
                        seen.origin.clone(),
                    ));
                }
                Unit::Answer(_) | Unit::Unwanted(_) => {}
            },
        );
        rejection
    }
}
