//! The fast reader: what nobody wants is only counted, and of what somebody wants each
//! byte is looked at once.
//!
//! It gives the same events and refusals as the slow one, [`super::decode`], because it
//! answers only where there is no doubt: whatever is unusual (a key with escapes, a field
//! of another type, a number that no double holds, a list, text behind the event) it
//! leaves to the slow one.

mod answer;
mod event;
mod fields;
mod head;
mod members;

pub use answer::Answer;
pub use head::{Head, HeadObject, HeadUser, Texts};

use super::index::Index;
use super::json::Tree;
use super::scan::trim;
use super::{DEPTH_CEILING, Decoded, Limits, Rejected, document};

/// What became of a unit of the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Unit<'a> {
    /// An event that somebody wants.
    Event(Box<Decoded<'a>>),
    /// An event that nobody wants: its bytes.
    ///
    /// It is UTF-8, it ends where its outermost bracket does, and it has what makes an
    /// event: an id, a stage, a level, a verb and a URI. Of the rest was read what decides
    /// that nobody wants it; whether all of it is JSON was not asked.
    Unwanted(&'a [u8]),
    /// An event of which nobody wants more than the object of its answer.
    Answer(Answer<'a>),
    /// No event.
    Rejected(Rejected<'a>),
}

/// What somebody wants of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// That it is counted.
    Nothing,
    /// The object of its answer. Only of an event for an object, whose head has an answer.
    Answer,
    /// All of it.
    Everything,
}

/// Decides by an event's head who wants it.
pub trait Interest {
    /// Whether somebody may want an event with this verb, for this object or for none, from
    /// these addresses, whoever asked and whatever came of it. What is told here need not be
    /// read further.
    fn may_want(
        &self,
        verb: &str,
        object: Option<&HeadObject<'_>>,
        source_ips: &Texts<'_>,
    ) -> bool {
        let _ = (verb, object, source_ips);
        true
    }

    /// What somebody may want of the event; more where that cannot be told.
    fn wants(&self, head: &Head<'_>) -> Wanted;
}

impl<F: Fn(&Head<'_>) -> bool> Interest for F {
    fn wants(&self, head: &Head<'_>) -> Wanted {
        if self(head) {
            Wanted::Everything
        } else {
            Wanted::Nothing
        }
    }
}

/// Decodes one text after the other, in memory that it uses again.
#[derive(Debug, Default)]
pub struct Decoder {
    index: Index,
    tree: Tree,
}

impl Decoder {
    /// Decodes one line or one document, like [`super::decode`]. What `interest` does not
    /// want is given as [`Unit::Unwanted`].
    pub fn decode<'a>(
        &mut self,
        bytes: &'a [u8],
        limits: &Limits,
        interest: &dyn Interest,
        each: &mut dyn FnMut(Unit<'a>),
    ) {
        // As kube-apiserver writes it, it is no list.
        if bytes.starts_with(b"{\"kind\":\"Event\",") {
            let event = trim(bytes);
            let unit = self.single(event, None, limits, interest);
            return each(unit.unwrap_or_else(|| slow(event, None, limits, interest)));
        }
        document::decode(
            bytes,
            &mut |unit, listed_version| {
                self.single(unit, listed_version, limits, interest)
                    .unwrap_or_else(|| slow(unit, listed_version, limits, interest))
            },
            Unit::Rejected,
            limits,
            each,
        );
    }

    /// None where there is doubt.
    fn single<'a>(
        &mut self,
        bytes: &'a [u8],
        listed_version: Option<&str>,
        limits: &Limits,
        interest: &dyn Interest,
    ) -> Option<Unit<'a>> {
        if bytes.len() > limits.line_bytes {
            return None;
        }
        let text = simdutf8::basic::from_utf8(bytes).ok()?;
        self.index.begin(bytes);
        let Some(head) = Head::read(text, &self.index, listed_version, interest)? else {
            return Some(Unit::Unwanted(bytes));
        };
        match interest.wants(&head) {
            Wanted::Nothing => return Some(Unit::Unwanted(bytes)),
            Wanted::Answer => {
                if let (Some(object), Some(text)) = (head.object, head.answer) {
                    return Some(Unit::Answer(Answer {
                        bytes,
                        object,
                        text,
                    }));
                }
            }
            Wanted::Everything => {}
        }
        if !self.index.complete(bytes) {
            return None;
        }
        let depth = limits.depth.min(DEPTH_CEILING);
        let root = self.tree.read(text, &self.index, depth)?;
        let event = event::read(root)?;
        Some(Unit::Event(Box::new(Decoded { event, raw: text })))
    }
}

/// By the slow reader, whose events may be unwanted as well.
fn slow<'a>(
    bytes: &'a [u8],
    listed_version: Option<&str>,
    limits: &Limits,
    interest: &dyn Interest,
) -> Unit<'a> {
    match document::single(bytes, limits, listed_version) {
        Ok(decoded) => match interest.wants(&Head::of(&decoded.event)) {
            Wanted::Nothing => Unit::Unwanted(bytes),
            Wanted::Answer | Wanted::Everything => Unit::Event(Box::new(decoded)),
        },
        Err(rejected) => Unit::Rejected(rejected),
    }
}
