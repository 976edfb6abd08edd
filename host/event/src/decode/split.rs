//! A list of events split into its items, without believing that it is JSON.
//!
//! An item reaches from one comma of the list to the next. Brackets are matched by
//! kind: a closing bracket also closes what was left open inside, and one that closes
//! nothing is passed over. Where an item can't be JSON any more (a string behind a
//! value, a bracket where a key must stand) its own brackets and quotes are no guide;
//! then the next item is looked for by what kube-apiserver begins every item with.
//! What can't be told from JSON is not guessed: of an item that was cut inside an array
//! the next item would be an element, and a text that its author may have chosen must
//! not become an event. Such an item takes along those behind it.

use super::scan::{skip_blank, string_end, trim};

/// How `k8s.io/apiserver` begins an item of a list, whose first field is `level`.
/// Inside a string the quotes would be escaped.
const ITEM_START: &[u8] = br#",{"level":""#;

/// A document whose events are in a list.
pub(super) struct Envelope<'a> {
    pub api_version: Option<&'a str>,
    /// Where the list's `[` stands.
    pub items: usize,
}

/// What `bytes`, which begin with `{`, say of themselves, if they are an `EventList`.
/// A list may be cut off before it says its kind: an `items` array without any `kind`
/// counts as well, since an event has no such field.
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
            let mut list = Items::at(bytes, at);
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
        // `level` begins an event: what follows is not worth a second look.
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

/// One unit of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unit<'a> {
    Item(&'a [u8]),
    /// The text ended before the item did, or before the list did.
    Cut(&'a [u8]),
}

/// The items of a list, in order. Blank ones, as between two commas, are left out.
pub(super) struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
    done: bool,
    bare: bool,
}

impl<'a> Items<'a> {
    /// Of a document that is an array.
    pub fn of_array(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 1,
            done: false,
            bare: true,
        }
    }

    /// Of the array whose `[` stands at `at`.
    pub fn at(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at: at + 1,
            done: false,
            bare: false,
        }
    }

    pub fn next(&mut self) -> Option<Unit<'a>> {
        while !self.done {
            let start = skip_blank(self.bytes, self.at);
            let item = Item::scan(self.bytes, start, true);
            let span = trim(self.bytes.get(start..item.end).unwrap_or_default());
            self.at = item.end;
            match self.bytes.get(item.end) {
                None => {
                    self.done = true;
                    // Closed, but neither a comma nor `]` follows: the item is whole.
                    if !item.open && !span.is_empty() {
                        self.done = false;
                        return Some(Unit::Item(span));
                    }
                    return Some(Unit::Cut(span));
                }
                Some(b']') => self.done = true,
                Some(_) => {}
            }
            self.at += 1;
            if !span.is_empty() {
                return Some(Unit::Item(span));
            }
        }
        None
    }

    /// What stands behind the end of the document, if anything does. Only after the last item.
    pub fn rest(&self, document: &'a [u8]) -> Option<&'a [u8]> {
        let mut at = self.at;
        if !self.bare {
            // Members behind the list, and the document's own `}`.
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The item's beginning, or a bracket that opened.
    Open,
    Comma,
    Colon,
    Value,
}

/// How far one value reaches.
struct Item {
    /// The place of the comma or bracket that ends it, or the end of the text.
    end: usize,
    /// Whether a bracket or a string was still open at the end of the text.
    open: bool,
}

impl Item {
    /// From `start` to the comma or the closing bracket that belongs to what surrounds
    /// it: `]` if it is an item of a list, else `}`.
    fn scan(bytes: &[u8], start: usize, in_list: bool) -> Self {
        let closes_outside = if in_list { b']' } else { b'}' };
        let mut open = Open::default();
        let mut before = Before::Open;
        let mut sound = true;
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            let in_object = open.stack.last() == Some(&b'{');
            let impossible = match byte {
                b' ' | b'\t' | b'\n' | b'\r' => false,
                b',' | b':' | b'}' | b']' => false,
                b'"' => before == Before::Value,
                _ => {
                    before == Before::Value
                        || (in_object && matches!(before, Before::Open | Before::Comma))
                }
            };
            if impossible && in_list && sound {
                sound = false;
                // The next item may have begun inside what looked like a string.
                let behind = at.saturating_sub(ITEM_START.len()).max(start);
                if let Some(end) = (behind..at).find(|place| item_starts(bytes, *place)) {
                    return Self { end, open: false };
                }
            }
            if !sound && item_starts(bytes, at) {
                return Self {
                    end: at,
                    open: false,
                };
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                b'"' => {
                    let end = if sound {
                        string_end(bytes, at)
                    } else {
                        string_end_or_item(bytes, at)
                    };
                    let Some(end) = end else {
                        return Self {
                            end: bytes.len(),
                            open: true,
                        };
                    };
                    before = Before::Value;
                    at = end;
                    continue;
                }
                b'{' | b'[' => {
                    open.push(byte);
                    before = Before::Open;
                }
                b'}' | b']' => {
                    if open.stack.is_empty() && byte == closes_outside {
                        return Self {
                            end: at,
                            open: false,
                        };
                    }
                    open.close(if byte == b'}' { b'{' } else { b'[' });
                    before = Before::Value;
                }
                b',' if open.stack.is_empty() => {
                    return Self {
                        end: at,
                        open: false,
                    };
                }
                b',' => before = Before::Comma,
                b':' => before = Before::Colon,
                _ => {
                    at = word_end(bytes, at);
                    before = Before::Value;
                    continue;
                }
            }
            at += 1;
        }
        Self {
            end: bytes.len(),
            open: !open.stack.is_empty(),
        }
    }
}

/// The place behind a number, `true`, `false`, `null` or a word that is none of them.
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at)
        && !matches!(
            byte,
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"'
        )
    {
        at += 1;
    }
    at
}

/// Whether the comma before an item stands at `at`.
fn item_starts(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(ITEM_START))
}

/// The place behind the string, or where an item starts before that.
fn string_end_or_item(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b',' if item_starts(bytes, at) => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The brackets that are open.
#[derive(Default)]
struct Open {
    stack: Vec<u8>,
    objects: usize,
}

impl Open {
    fn push(&mut self, bracket: u8) {
        self.objects += usize::from(bracket == b'{');
        self.stack.push(bracket);
    }

    /// Closes the innermost `bracket` with all that is open inside it, if there is one.
    /// Looks at no bracket twice, so that no input costs more than its length.
    fn close(&mut self, bracket: u8) {
        let arrays = self.stack.len() - self.objects;
        let count = if bracket == b'{' {
            self.objects
        } else {
            arrays
        };
        if count == 0 {
            return;
        }
        while let Some(top) = self.stack.pop() {
            self.objects -= usize::from(top == b'{');
            if top == bracket {
                return;
            }
        }
    }
}
