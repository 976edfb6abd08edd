//! The extent of one item of a list, found without assuming valid JSON.
//!
//! An item extends from one comma of the list to the next. Brackets are matched by
//! kind: a closing bracket also closes the brackets left open inside, and one that closes
//! nothing is skipped. At a point where JSON cannot continue (a string after a value, a
//! bracket in place of a key) the item may have been truncated, and the text there is
//! compared with the first bytes that kube-apiserver writes for every item.
//!
//! Ambiguous text is never taken for an item, since the author of a body must not be able
//! to forge events. If an item was truncated inside an array, the next item looks like an
//! element and is lost with it. Conversely, an element of a body can pass for an item only
//! if a quote was lost or added.

use super::scan::{string_end, word_end};

/// The first bytes that `k8s.io/apiserver` writes for an item of a list: its first field is
/// `level`. Inside a string the quotes would be escaped.
const ITEM_START: &[u8] = br#",{"level":""#;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The start of the item, or an opening bracket.
    Open,
    Comma,
    Colon,
    Value,
}

/// The extent of one value.
pub(super) struct Item {
    /// The position of the comma or bracket that ends it, or the end of the text.
    pub end: usize,
    /// Whether a bracket or a string was still open at the end of the text.
    pub open: bool,
}

impl Item {
    /// Scans from `start` to the comma or closing bracket of the enclosing container: `]`
    /// for an item of a list, else `}`.
    pub fn scan(bytes: &[u8], start: usize, in_list: bool) -> Self {
        let closes_outside = if in_list { b']' } else { b'}' };
        let mut open = Open::default();
        let mut before = Before::Open;
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
            if impossible && in_list {
                // The start of the next item may lie before this position, in text that
                // looked like the end of a string.
                let behind = at.saturating_sub(ITEM_START.len()).max(start);
                if let Some(end) = (behind..at).find(|place| item_starts(bytes, *place)) {
                    return Self { end, open: false };
                }
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {}
                b'"' => {
                    let Some(end) = string_end(bytes, at) else {
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

/// Whether an item, with the comma before it, starts at `at`.
fn item_starts(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(ITEM_START))
}

/// The open brackets.
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

    /// Closes the innermost `bracket`, if there is one, with everything open inside it.
    /// Visits no bracket twice, so that the cost is linear in the input.
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
