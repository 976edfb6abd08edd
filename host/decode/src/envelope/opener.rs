//! Opens documents of every form and passes on their contents.

use std::borrow::Cow;

use super::form::{Form, is_plain};
use super::halves::Halves;
use super::object::Object;
use super::{CloudScope, NESTING, Piece, aws, mentions_event, packing};
use crate::Limits;
use crate::event::unreadable;
use crate::reject::{Fault, Reject};
use crate::scan::trim;
use crate::split::{ListItems, ListPart};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Opens envelopes and passes their parts to a closure.
pub(super) struct Opener<'l, 'e> {
    pub limits: &'l Limits,
    /// Events that are delivered in several messages.
    pub halves: Halves,
    /// The last event in the current record of a collector.
    pub given: Option<Vec<u8>>,
    /// How many more bytes the texts in records may have when they are unpacked.
    pub room: usize,
    /// How many parts were passed on.
    pub passed: usize,
    /// The number of the current record in the innermost list, from 1.
    record: Option<usize>,
    each: &'e mut dyn FnMut(Piece<'_>),
}

impl<'l, 'e> Opener<'l, 'e> {
    pub fn new(limits: &'l Limits, each: &'e mut dyn FnMut(Piece<'_>)) -> Self {
        Self {
            limits,
            halves: Halves::default(),
            given: None,
            room: limits.document_bytes,
            passed: 0,
            record: None,
            each,
        }
    }

    /// Opens consecutive documents.
    pub fn documents(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize) {
        let mut bytes = trim_separators(bytes);
        // If each item of a list is on a line of its own, the brackets are on others.
        if matches!(bytes, b"[" | b"]") {
            return;
        }
        while !bytes.is_empty() {
            bytes = trim_separators(self.document(bytes, scope, depth));
        }
    }

    /// Opens the first document and returns the text after it.
    fn document<'a>(&mut self, bytes: &'a [u8], scope: &CloudScope, depth: usize) -> &'a [u8] {
        match bytes.first() {
            Some(b'{') => return self.first_object(bytes, scope, depth),
            Some(b'[') if !begins_list(bytes) => self.text_line(bytes, scope, depth),
            Some(b'[') if !begins_with_event(bytes) => return self.array(bytes, scope, depth),
            Some(b'[') => self.whole(bytes, scope),
            Some(b'"') => {
                if !self.wrapped(bytes, scope, depth) {
                    self.whole(bytes, scope);
                }
            }
            _ if packing::is_packed(bytes) => self.packed(bytes, scope, depth),
            _ => self.text_line(bytes, scope, depth),
        }
        &[]
    }

    fn first_object<'a>(&mut self, bytes: &'a [u8], scope: &CloudScope, depth: usize) -> &'a [u8] {
        let Some(object) = Object::read(bytes) else {
            self.whole(bytes, scope);
            return &[];
        };
        let is_unknown = Form::of(&object).is_none();
        if is_unknown && is_plain(object.bytes) && !is_separate(object.rest) {
            // The decoder reports faulty text after an event.
            self.whole(bytes, scope);
            return &[];
        }
        self.object(&object, scope, depth);
        object.rest
    }

    pub fn object(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let Some(form) = Form::of(object) else {
            if is_plain(object.bytes) {
                self.whole(object.bytes, scope);
            } else {
                self.given = None;
                if !self.wrapped(object.bytes, scope, depth) {
                    self.without_event(object, scope);
                }
            }
            return;
        };
        if depth >= NESTING {
            return self.reject(too_many(), object.bytes);
        }
        match form {
            Form::Subscription
            | Form::LambdaLogs
            | Form::LogEvents
            | Form::LogEvent
            | Form::QueryResults
            | Form::QueryRow
            | Form::KinesisRecords
            | Form::KinesisRecord
            | Form::FirehoseRecord => self.of_aws(form, object, scope, depth),
            Form::PubSubMessages | Form::PubSubMessage | Form::LogEntry => {
                self.of_google(form, object, scope, depth);
            }
            Form::Tables => self.tables(object, scope, depth),
            Form::Table => self.table(object, scope, depth),
            Form::Records => {
                let scope = aws::of_firehose(object, scope);
                self.list(object, "records", |opener, record| {
                    opener.documents(record, &scope, depth + 1);
                });
            }
            Form::ResourceLog | Form::AuditRow | Form::DiagnosticsRow => {
                self.of_azure(form, object, scope);
            }
        }
    }

    /// Passes each item of the list in a member to `one`.
    pub fn list(&mut self, object: &Object<'_>, key: &str, mut one: impl FnMut(&mut Self, &[u8])) {
        let Some(list) = object.get(key) else {
            return;
        };
        let is_cut = self.items(&mut ListItems::of_array(list), &mut one);
        if !object.is_whole && !is_cut {
            self.reject(whole_fault(object.bytes), object.bytes);
        }
    }

    /// Opens each item of an array and returns the text after it.
    fn array<'a>(&mut self, bytes: &'a [u8], scope: &CloudScope, depth: usize) -> &'a [u8] {
        if depth >= NESTING {
            self.reject(too_many(), bytes);
            return &[];
        }
        let mut items = ListItems::of_array(bytes);
        let first = trim(bytes.get(1..).unwrap_or_default());
        if first.starts_with(b"[") && self.wrapped(bytes, scope, depth + 1) {
            while items.next().is_some() {}
            return items.rest(bytes).unwrap_or_default();
        }
        let before = self.passed;
        self.items(&mut items, &mut |opener: &mut Self, item: &[u8]| {
            // Some collectors write a record as a list of its time and its members.
            if matches!(item.first(), Some(b'{' | b'[')) || packing::is_packed(item) {
                opener.documents(item, scope, depth + 1);
            } else if !opener.wrapped(item, scope, depth + 1) && !is_scalar(item) {
                opener.whole(item, scope);
            }
        });
        if self.passed == before && !matches!(first.first(), None | Some(b']')) {
            self.whole(bytes, scope);
        }
        items.rest(bytes).unwrap_or_default()
    }

    /// Returns whether the list was truncated.
    fn items(&mut self, items: &mut ListItems<'_>, one: &mut impl FnMut(&mut Self, &[u8])) -> bool {
        let outer = self.record;
        let mut is_cut = false;
        let mut number = 0;
        while let Some(unit) = items.next() {
            number += 1;
            self.record = Some(number);
            match unit {
                ListPart::Item(item) => one(self, item),
                // A record may hold the beginning of an event.
                ListPart::Truncated(item) if mentions_event(item) => {
                    is_cut = true;
                    one(self, item);
                }
                ListPart::Truncated(item) => {
                    is_cut = true;
                    let detail = "the list of records ends without `]`: it was truncated";
                    self.reject(Fault::new(Reject::Incomplete, detail), item);
                }
            }
        }
        self.record = outer;
        is_cut
    }

    /// Opens text that is packed in base64, gzip, or both.
    fn packed(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize) {
        if depth >= NESTING {
            return self.reject(too_many(), bytes);
        }
        match packing::unpack(bytes, self.limits.document_bytes) {
            Ok(plain) => self.documents(&plain, scope, depth + 1),
            Err(fault) => self.reject(fault, bytes),
        }
    }

    /// Opens the packed string in a member. Some tools replace it by the unpacked object.
    pub fn packed_in(&mut self, object: &Object<'_>, key: &str, scope: &CloudScope, depth: usize) {
        match object.text(key) {
            Some(packed) => self.packed(packed.as_bytes(), scope, depth),
            None if object.begins(key, b'{') => {
                let plain = object.get(key).unwrap_or_default();
                self.documents(plain, scope, depth + 1);
            }
            None if depth + 1 < NESTING && self.wrapped(object.bytes, scope, depth + 1) => {}
            None => {
                let detail = format!("`{key}` is missing or not a string, expected base64");
                self.reject(Fault::new(Reject::BrokenEnvelope, detail), object.bytes);
            }
        }
    }

    /// Passes a document on to the decoder.
    pub fn give(&mut self, text: Cow<'_, [u8]>, scope: &CloudScope) {
        self.passed += 1;
        (self.each)(Piece::Document { text, scope });
    }

    pub fn whole(&mut self, bytes: &[u8], scope: &CloudScope) {
        self.give(Cow::Borrowed(bytes), scope);
    }

    pub fn skip(&mut self) {
        self.passed += 1;
        (self.each)(Piece::Skipped);
    }

    pub fn reject(&mut self, fault: Fault, bytes: &[u8]) {
        let fault = match self.record {
            Some(number) => Fault::new(fault.reason, format!("record {number}: {}", fault.detail)),
            None => fault,
        };
        self.passed += 1;
        (self.each)(Piece::Rejected(fault.on(bytes)));
    }
}

/// Whether a text that begins with `[` is a list, and not a name in brackets before a document.
pub(super) fn begins_list(bytes: &[u8]) -> bool {
    let first = trim(bytes.get(1..).unwrap_or_default()).first();
    first.is_none_or(|first| matches!(first, b'{' | b'[' | b']' | b'"' | b'-' | b'0'..=b'9'))
}

/// Whether a text has more than its first document.
pub(super) fn is_several_documents(bytes: &[u8]) -> bool {
    Object::read(trim_separators(bytes)).is_some_and(|first| {
        let is_trimmed = trim_separators(bytes).len() != trim(bytes).len();
        is_trimmed || (!first.rest.is_empty() && is_separate(first.rest))
    })
}

/// Whether a text is a JSON number or word.
fn is_scalar(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok()
}

/// Whether nothing follows a document, or another one does, possibly behind a comma.
fn is_separate(rest: &[u8]) -> bool {
    let rest = trim_separators(rest);
    rest.is_empty() || is_document(rest)
}

/// Removes white space, commas, with which some programs separate documents, and byte order marks,
/// which are left where files were concatenated, from both ends.
pub(super) fn trim_separators(bytes: &[u8]) -> &[u8] {
    let mut rest = trim(bytes);
    while let Some(inner) = rest
        .strip_prefix(b",")
        .or_else(|| rest.strip_suffix(b","))
        .or_else(|| rest.strip_prefix(BYTE_ORDER_MARK))
    {
        rest = trim(inner);
    }
    rest
}

/// Whether a text begins like a document, and not like a remainder of one.
pub(super) fn is_document(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{', ..] | [b'[', ..])
}

fn too_many() -> Fault {
    let detail = format!("more than {NESTING} nested envelopes");
    Fault::new(Reject::BrokenEnvelope, detail)
}

/// Returns the fault of an object that does not end.
pub(super) fn whole_fault(bytes: &[u8]) -> Fault {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Err(error) => unreadable(&error),
        Ok(_) => Fault::new(Reject::Malformed, "the envelope does not end"),
    }
}

/// Whether the first item of an array is an event, in which case the decoder reads the array.
fn begins_with_event(array: &[u8]) -> bool {
    let first = trim(array.get(1..).unwrap_or_default());
    match first.first() {
        Some(b'{') => is_plain(first),
        _ => false,
    }
}
