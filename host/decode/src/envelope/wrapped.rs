//! Events in records of log collectors and stores, whatever their form.
//!
//! Collectors keep a line as a text, or parsed, in a member of their own choice: `log` (Docker,
//! Fluent Bit), `message` (Filebeat, Vector), `MESSAGE` (journald), `values` (Loki), `_source`
//! (Elasticsearch), `event` and `_raw` (Splunk), `body` (OpenTelemetry). There are too many to list,
//! so every value is examined. The event itself is never examined further: its own values are
//! chosen by clients.

use std::borrow::Cow;

use super::form::{Form, is_plain};
use super::object::{Object, bytes_of, text};
use super::opener::{Opener, begins_list, trim_separators};
use super::{CloudScope, NESTING, prefix};
use crate::split::{ListItems, ListPart};

/// A key that every event has, which no escape of JSON changes.
const MARK: &[u8] = b"auditID";

/// The deepest nesting of objects and lists around an event; OpenTelemetry needs eight.
const LEVELS: usize = 32;

/// Members in which collectors describe the origin of a line. Users of a cluster choose labels and
/// annotations, so an event in one of them is a forgery.
const ABOUT: [&[u8]; 12] = [
    b"kubernetes",
    b"labels",
    b"annotations",
    b"tags",
    b"fields",
    b"docker",
    b"host",
    b"agent",
    b"resource",
    b"attributes",
    b"stream",
    b"metadata",
];

/// Whether a text may contain an event.
pub(super) fn mentions_event(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, MARK).is_some()
}

/// Returns the text of a JSON string whose end is missing.
fn beginning(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if crate::scan::string_end(bytes, 0).is_some() {
        return None;
    }
    // A cut inside an escape or a character leaves up to eleven bytes of it.
    (0..12).find_map(|cut| {
        let mut whole = bytes.get(..bytes.len().checked_sub(cut)?)?.to_vec();
        whole.push(b'"');
        text(&whole).map(|text| Cow::Owned(text.into_owned()))
    })
}

impl Opener<'_, '_> {
    /// Passes on the events in a document of unknown form, and returns whether there are any.
    pub(super) fn wrapped(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize) -> bool {
        mentions_event(bytes) && self.value(bytes, scope, depth, 0)
    }

    fn value(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize, level: usize) -> bool {
        if depth >= NESTING || level >= LEVELS {
            return false;
        }
        match bytes.first() {
            Some(b'{') => self.members(bytes, scope, depth, level),
            Some(b'[') => {
                let mut items = ListItems::of_array(bytes);
                let mut is_found = false;
                while let Some(ListPart::Item(item) | ListPart::Truncated(item)) = items.next() {
                    is_found |= self.value(item, scope, depth, level + 1);
                }
                is_found
            }
            Some(b'"') => {
                let text = text(bytes).or_else(|| beginning(bytes));
                text.is_some_and(|text| self.text(&bytes_of(text), scope, depth))
            }
            _ => false,
        }
    }

    /// A line that a record holds as text.
    fn text(&mut self, line: &[u8], scope: &CloudScope, depth: usize) -> bool {
        let line = trim_separators(line);
        let document = match line.first() {
            Some(b'{') => Some(line),
            Some(b'[') if begins_list(line) => Some(line),
            _ => prefix::document(line),
        };
        document.is_some_and(|document| self.wrapped(document, scope, depth + 1))
    }

    fn members(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize, level: usize) -> bool {
        if is_plain(bytes) {
            self.give(Cow::Borrowed(bytes), scope);
            return true;
        }
        let Some(object) = Object::read(bytes) else {
            return false;
        };
        if Form::of(&object).is_some() {
            self.object(&object, scope, depth);
            return true;
        }
        // An object of Kubernetes, whose values its authors choose.
        if object.has("kind") && object.has("apiVersion") {
            return false;
        }
        let mut is_found = false;
        for (key, value) in object.members() {
            if !ABOUT.contains(&key) {
                is_found |= self.value(value, scope, depth, level + 1);
            }
        }
        is_found
    }
}
