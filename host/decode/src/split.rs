//! Splits a list of events into its items without assuming valid JSON.

use super::item::Item;
use super::scan::{skip_blank, string_end, trim};

/// A document with a list of events.
pub(super) struct Envelope<'a> {
    pub api_version: Option<&'a str>,
    /// The position of the list's `[`.
    pub items: usize,
}

/// Finds the list in `bytes`, which begin with `{`, if they are an `EventList`. The text
/// may be truncated before its `kind`, so an `items` array without a `kind` counts too: an
/// event has no such field.
pub(super) fn envelope(bytes: &[u8]) -> Option<Envelope<'_>> {
    let mut kind = None;
    let mut api_version = None;
    let mut items = None;
    let mut at = skip_blank(bytes, 1);
    while bytes.get(at) == Some(&b'"') {
        let Some(end) = string_end(bytes, at) else {
            break;
        };
        let key = bytes.get(at + 1..end - 1);
        at = skip_blank(bytes, end);
        if bytes.get(at) != Some(&b':') {
            break;
        }
        at = skip_blank(bytes, at + 1);
        let value = at;
        if key == Some(b"items") && bytes.get(at) == Some(&b'[') {
            items = Some(at);
            let mut list = ListItems::at(bytes, at);
            while list.next().is_some() {}
            at = list.at;
        } else {
            at = Item::scan(bytes, at, false).end;
        }
        let text = bytes.get(value..at).map(trim).and_then(unquoted);
        match key {
            Some(b"kind") => kind = text,
            Some(b"apiVersion") => api_version = text,
            _ => {}
        }
        // Only an event has a `level`.
        if kind == Some("Event") || key == Some(b"level") {
            return None;
        }
        at = skip_blank(bytes, at);
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = skip_blank(bytes, at + 1);
    }
    let is_list = kind.is_none_or(|kind| kind == "EventList");
    let items = items.filter(|_| is_list)?;
    Some(Envelope { api_version, items })
}

fn unquoted(value: &[u8]) -> Option<&str> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    std::str::from_utf8(inner).ok()
}

/// One part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ListPart<'a> {
    Item(&'a [u8]),
    /// The text ended before the item or the list did.
    Truncated(&'a [u8]),
}

/// The items of a list, in order, without blank ones (as between two commas).
pub(super) struct ListItems<'a> {
    bytes: &'a [u8],
    at: usize,
    done: bool,
    bare: bool,
}

impl<'a> ListItems<'a> {
    /// The items of a document that is an array.
    pub fn of_array(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 1,
            done: false,
            bare: true,
        }
    }

    /// The items of the array whose `[` is at `at`.
    pub fn at(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at + 1,
            done: false,
            bare: false,
        }
    }

    pub fn next(&mut self) -> Option<ListPart<'a>> {
        while !self.done {
            let start = skip_blank(self.bytes, self.at);
            let item = Item::scan(self.bytes, start, true);
            let span = trim(self.bytes.get(start..item.end).unwrap_or_default());
            self.at = item.end;
            match self.bytes.get(item.end) {
                None => {
                    self.done = true;
                    // The item is complete, although neither a comma nor `]` follows.
                    if !item.open && !span.is_empty() {
                        self.done = false;
                        return Some(ListPart::Item(span));
                    }
                    return Some(ListPart::Truncated(span));
                }
                Some(b']') => self.done = true,
                Some(_) => {}
            }
            self.at += 1;
            if !span.is_empty() {
                return Some(ListPart::Item(span));
            }
        }
        None
    }

    /// Returns the text after the end of the document, if there is any. Call it only after
    /// the last item.
    pub fn rest(&self, document: &'a [u8]) -> Option<&'a [u8]> {
        let mut at = self.at;
        if !self.bare {
            // Skips the members after the list and the document's own `}`.
            at = Item::scan(document, at, false).end;
            while document.get(at) == Some(&b',') {
                at = Item::scan(document, at + 1, false).end;
            }
            at += 1;
        }
        let rest = trim(document.get(at..).unwrap_or_default());
        (!rest.is_empty()).then_some(rest)
    }
}
