//! How far one item of a list reaches, without believing that it is JSON.
//!
//! An item reaches from one comma of the list to the next. Brackets are matched by
//! kind: a closing bracket also closes what was left open inside, and one that closes
//! nothing is passed over. Where no JSON can go on (a string behind a value, a bracket
//! where a key must stand) the item may have been cut off, and what stands there is
//! compared with what kube-apiserver begins every item with.
//!
//! What can't be told from JSON is not guessed, since the author of a body must not
//! make up events: behind an item that was cut inside an array the next item looks like
//! an element, so that it is lost with the first. The other way round, only where a
//! quote was lost or added can an element of a body pass for an item.

use super::scan::{string_end, word_end};

/// How `k8s.io/apiserver` begins an item of a list, whose first field is `level`.
/// Inside a string the quotes would be escaped.
const ITEM_START: &[u8] = br#",{"level":""#;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The item's beginning, or a bracket that opened.
    Open,
    Comma,
    Colon,
    Value,
}

/// How far one value reaches.
pub(super) struct Item {
    /// The place of the comma or bracket that ends it, or the end of the text.
    pub end: usize,
    /// Whether a bracket or a string was still open at the end of the text.
    pub open: bool,
}

impl Item {
    /// From `start` to the comma or the closing bracket that belongs to what surrounds
    /// it: `]` if it is an item of a list, else `}`.
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
                // The next item's beginning may already be behind, in what looked like
                // the end of a string.
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

/// Whether the comma before an item stands at `at`.
fn item_starts(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at..)
        .is_some_and(|rest| rest.starts_with(ITEM_START))
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
