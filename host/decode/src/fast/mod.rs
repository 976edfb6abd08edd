//! The fast reader: unsubscribed events are only counted, and each byte of the others is
//! visited once.
//!
//! It gives the same events and rejections as the slow reader, [`super::decode`], because
//! it leaves all unusual input to it: a key with escapes, a field of another type, a number
//! that a double cannot hold, a list, text after the event. In this module, `None` means
//! that the slow reader must decide.

mod event;
mod fields;
mod head;
mod members;
mod response_object;

pub use head::{Head, HeadObject, HeadUser, Texts};
pub use response_object::ResponseObject;

use super::index::Index;
use super::json::Tree;
use super::scan::trim;
use super::{DEPTH_CEILING, Decoded, Limits, Rejected, document};

/// The outcome of decoding one event.
#[derive(Debug, Clone, PartialEq)]
pub enum DecodeOutcome<'a> {
    /// An event that is needed.
    Event(Box<Decoded<'a>>),
    /// The bytes of an event that is not subscribed to.
    ///
    /// It is UTF-8, ends with its outermost bracket, and has the required fields of an event:
    /// an id, a stage, a level, a verb, and a URI. Only the fields that decide this were read;
    /// the rest was not checked to be JSON.
    Filtered(&'a [u8]),
    /// An event of which only the response's object is needed.
    ResponseObject(ResponseObject<'a>),
    /// Input that is not an event.
    Rejected(Rejected<'a>),
}

/// The part of an event that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: the event is only counted.
    None,
    /// The response's object. Only valid for an event whose head has `object` and `answer`.
    ResponseObject,
    /// The whole event.
    Full,
}

/// Decides by the head of an event how much of it is needed.
pub trait DemandFilter {
    /// Whether an event with this verb, object, and addresses may be needed, for any user and
    /// outcome. If not, the rest of the head is not read.
    fn may_match(
        &self,
        verb: &str,
        object: Option<&HeadObject<'_>>,
        source_ips: &Texts<'_>,
    ) -> bool {
        let _ = (verb, object, source_ips);
        true
    }

    /// Returns the part of the event that is needed; a larger part if that is undecided.
    fn demand(&self, head: &Head<'_>) -> Demand;
}

impl<F: Fn(&Head<'_>) -> bool> DemandFilter for F {
    fn demand(&self, head: &Head<'_>) -> Demand {
        if self(head) {
            Demand::Full
        } else {
            Demand::None
        }
    }
}

/// A decoder that reuses its buffers.
#[derive(Debug, Default)]
pub struct Decoder {
    index: Index,
    tree: Tree,
}

impl Decoder {
    /// Decodes one line or one document, like [`super::decode`]. Events that `interest` does
    /// not need are passed on as [`DecodeOutcome::Filtered`].
    pub fn decode<'a>(
        &mut self,
        bytes: &'a [u8],
        limits: &Limits,
        interest: &dyn DemandFilter,
        each: &mut dyn FnMut(DecodeOutcome<'a>),
    ) {
        // The form in which kube-apiserver writes an event: this is not a list.
        if bytes.starts_with(b"{\"kind\":\"Event\",") {
            let event = trim(bytes);
            let outcome = self.single(event, None, limits, interest);
            return each(outcome.unwrap_or_else(|| slow(event, None, limits, interest)));
        }
        document::decode(
            bytes,
            &mut |outcome, listed_version| {
                self.single(outcome, listed_version, limits, interest)
                    .unwrap_or_else(|| slow(outcome, listed_version, limits, interest))
            },
            DecodeOutcome::Rejected,
            limits,
            each,
        );
    }

    /// Decodes one event, or returns none if the slow reader must decide.
    fn single<'a>(
        &mut self,
        bytes: &'a [u8],
        listed_version: Option<&str>,
        limits: &Limits,
        interest: &dyn DemandFilter,
    ) -> Option<DecodeOutcome<'a>> {
        if bytes.len() > limits.line_bytes {
            return None;
        }
        let text = simdutf8::basic::from_utf8(bytes).ok()?;
        self.index.begin(bytes);
        let Some(head) = Head::read(text, &self.index, listed_version, interest)? else {
            return Some(DecodeOutcome::Filtered(bytes));
        };
        match interest.demand(&head) {
            Demand::None => return Some(DecodeOutcome::Filtered(bytes)),
            Demand::ResponseObject => {
                if let (Some(object), Some(text)) = (head.object, head.answer) {
                    return Some(DecodeOutcome::ResponseObject(ResponseObject {
                        bytes,
                        object,
                        text,
                    }));
                }
            }
            Demand::Full => {}
        }
        if !self.index.complete(bytes) {
            return None;
        }
        let depth = limits.depth.min(DEPTH_CEILING);
        let root = self.tree.read(text, &self.index, depth)?;
        let event = event::read(root)?;
        Some(DecodeOutcome::Event(Box::new(Decoded { event, raw: text })))
    }
}

/// Decodes one event with the slow reader and then asks `interest`.
fn slow<'a>(
    bytes: &'a [u8],
    listed_version: Option<&str>,
    limits: &Limits,
    interest: &dyn DemandFilter,
) -> DecodeOutcome<'a> {
    match document::single(bytes, limits, listed_version) {
        Ok(decoded) => match interest.demand(&Head::of(&decoded.event)) {
            Demand::None => DecodeOutcome::Filtered(bytes),
            Demand::ResponseObject | Demand::Full => DecodeOutcome::Event(Box::new(decoded)),
        },
        Err(rejected) => DecodeOutcome::Rejected(rejected),
    }
}
