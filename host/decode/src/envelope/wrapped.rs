//! Events in records of log collectors and stores, whatever their form.
//!
//! Collectors keep a line as a text, or parsed, in a member of their own choice: `log` (Docker,
//! Fluent Bit), `message` (Filebeat, Vector), `MESSAGE` (journald), `values` (Loki), `_source`
//! (Elasticsearch), `event` and `_raw` (Splunk), `body` (OpenTelemetry). There are too many to list,
//! so every value is examined, except those that describe the origin of a line (`about`). The event
//! itself is never examined further: its own values are chosen by clients.

use std::borrow::Cow;

use serde_json::Value;

use super::about::is_about;
use super::form::{Form, is_event_alone, is_plain};
use super::object::{Object, beginning, bytes_of, text};
use super::opener::{Opener, begins_list, trim_separators};
use super::{CloudScope, NESTING, packing, prefix};
use crate::reject::Reject;
use crate::split::{ListItems, ListPart};

/// Keys of which every event, and every record of a cloud with one, has one; no escape of JSON
/// changes them.
const KEYS: [&[u8]; 5] = [
    b"auditID",
    b"AuditId",
    b"protoPayload",
    b"protopayload_auditlog",
    b"proto_payload",
];

/// The deepest nesting of objects and lists around an event; OpenTelemetry needs eight. Each level
/// reads what is inside it once more.
const LEVELS: usize = 16;

/// The shortest base64, and the shortest list of bytes, that may hold an event.
const MIN_PACKED: usize = 64;

/// Whether a text has a key of an event. Text of other logs has none.
pub(crate) fn mentions_event(bytes: &[u8]) -> bool {
    let mut keys = KEYS.iter();
    keys.any(|key| memchr::memmem::find(bytes, key).is_some())
}

/// Whether a text may be base64.
fn is_base64(line: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    line.len() >= MIN_PACKED && line.iter().all(is_digit)
}

impl Opener<'_, '_> {
    /// Passes on the events in a document of unknown form, and returns whether there are any.
    pub(super) fn wrapped(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize) -> bool {
        self.value(bytes, scope, depth, 0)
    }

    /// Does the same for the members of an object whose form is that of a cloud, but whose content is
    /// not: others use the same keys.
    pub(super) fn inside(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) -> bool {
        depth + 1 < NESTING && self.members(object, scope, depth + 1, 0)
    }

    fn value(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize, level: usize) -> bool {
        if depth >= NESTING || level >= LEVELS {
            return false;
        }
        match bytes.first() {
            Some(b'{') => self.record(bytes, scope, depth, level),
            Some(b'[') => self.items_of(bytes, scope, depth, level),
            Some(b'"') => {
                let text = text(bytes).or_else(|| beginning(bytes));
                text.is_some_and(|text| self.text(&bytes_of(text), scope, depth))
            }
            _ => false,
        }
    }

    /// A line that a record holds as text.
    pub(super) fn text(&mut self, line: &[u8], scope: &CloudScope, depth: usize) -> bool {
        // klog indents the lines of a value with a tab; a client may have chosen the value.
        if line.starts_with(b"\t") {
            return false;
        }
        let line = trim_separators(line);
        if is_base64(line) {
            return depth < NESTING && self.packed_text(line, scope, depth);
        }
        let document = match line.first() {
            Some(b'{' | b'"') => Some(line),
            Some(b'[') if begins_list(line) => Some(line),
            _ => prefix::document(line),
        };
        document.is_some_and(|document| self.wrapped(document, scope, depth + 1))
    }

    /// Opens a text in base64. All texts of a line together have one limit, because each may hold much
    /// more than its own length.
    fn packed_text(&mut self, text: &[u8], scope: &CloudScope, depth: usize) -> bool {
        match packing::unpack(text, self.room) {
            Ok(plain) => {
                self.room = self.room.saturating_sub(plain.len());
                self.text(&plain, scope, depth + 1)
            }
            Err(fault) => {
                if fault.reason == Reject::TooLong {
                    self.room = 0;
                }
                false
            }
        }
    }

    fn record(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize, level: usize) -> bool {
        let Some(object) = Object::read(bytes) else {
            return false;
        };
        if is_plain(bytes) || is_event_alone(&object) {
            self.give_once(bytes, scope);
            return true;
        }
        if Form::of(&object).is_some() {
            let before = self.passed;
            self.object(&object, scope, depth);
            return self.passed > before;
        }
        self.members(&object, scope, depth, level)
    }

    fn members(
        &mut self,
        object: &Object<'_>,
        scope: &CloudScope,
        depth: usize,
        level: usize,
    ) -> bool {
        // An object of Kubernetes, whose values its authors choose.
        if object.has("kind") && object.has("apiVersion") {
            return false;
        }
        let mut is_found = false;
        for (key, value) in object.members() {
            is_found |= if !is_about(key) {
                self.value(value, scope, depth, level + 1)
            } else if key == b"kubernetes" {
                self.audit_member(value, scope, depth, level + 1)
            } else {
                false
            };
        }
        is_found
    }

    /// `{"audit": {...}}`, in which Elastic's integration keeps an event; users of a cluster do not
    /// choose the keys beside it.
    fn audit_member(
        &mut self,
        kubernetes: &[u8],
        scope: &CloudScope,
        depth: usize,
        level: usize,
    ) -> bool {
        let object = Object::read(kubernetes);
        let audit = object.and_then(|object| object.get("audit"));
        audit.is_some_and(|audit| self.value(audit, scope, depth, level + 1))
    }

    fn items_of(&mut self, bytes: &[u8], scope: &CloudScope, depth: usize, level: usize) -> bool {
        if let Some(line) = bytes_in(bytes) {
            return self.text(&line, scope, depth);
        }
        let mut items = Vec::new();
        let mut rest = ListItems::of_array(bytes);
        while let Some(ListPart::Item(item) | ListPart::Truncated(item)) = rest.next() {
            items.push(item);
        }
        let is_text = |at: usize| items.get(at).is_some_and(|item| item.starts_with(b"\""));
        // Loki writes a time, a line, and the metadata of the line, which hold labels.
        if is_text(0) && is_text(1) && items.iter().skip(2).all(|item| item.starts_with(b"{")) {
            items.truncate(2);
        }
        let first = items.first().and_then(|item| item.first()).copied();
        // A list of a time and a record has one record; a list of one type has many.
        let is_of_records = items.iter().all(|item| item.first().copied() == first);
        let mut is_found = false;
        let mut others = Vec::new();
        for item in items {
            if is_of_records {
                self.given = None;
            }
            if self.value(item, scope, depth, level + 1) {
                is_found = true;
            } else if is_of_records && !is_number(item) {
                others.push(item);
            }
        }
        // If there are none, the record around the list is told instead.
        if is_found {
            for item in others {
                if mentions_event(item) {
                    self.whole(item, scope);
                } else {
                    self.skip();
                }
            }
        }
        is_found
    }

    /// Passes on an event, unless the same record had it already: some collectors keep both the line
    /// and what they parsed.
    fn give_once(&mut self, event: &[u8], scope: &CloudScope) {
        let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok();
        let is_given = self.given.as_deref().is_some_and(|given| {
            given == event || parsed(given).is_some_and(|given| Some(given) == parsed(event))
        });
        if !is_given {
            self.given = Some(event.to_vec());
            self.give(Cow::Borrowed(event), scope);
        }
    }
}

/// Whether a value is a number, possibly as a text: Loki writes times so.
fn is_number(value: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'"' | b'.' | b'-');
    value.iter().all(is_digit)
}

/// Returns the text that a list of bytes holds. `journalctl -o json` writes a text with control characters
/// so.
fn bytes_in(list: &[u8]) -> Option<Vec<u8>> {
    let is_number = list.get(1).is_some_and(u8::is_ascii_digit);
    if !is_number {
        return None;
    }
    let bytes: Vec<u8> = serde_json::from_slice(list).ok()?;
    (bytes.len() >= MIN_PACKED).then_some(bytes)
}
