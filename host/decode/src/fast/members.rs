//! The members of an object, found by the index alone.

use crate::index::Index;
use crate::scan::{skip_blank, word_end};

/// A range of bytes; `end` is exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    #[inline]
    pub fn of<'t>(&self, text: &'t str) -> &'t [u8] {
        let bytes = text.as_bytes().get(self.start..self.end);
        bytes.unwrap_or_default()
    }

    /// Returns the text of a string without escapes.
    #[inline]
    pub fn plain<'t>(&self, text: &'t str, index: &Index) -> Option<&'t str> {
        let inner = text.get(self.start + 1..self.end.checked_sub(1)?)?;
        let is_plain = text.as_bytes().get(self.start) == Some(&b'"')
            && !index.has_backslash(text.as_bytes(), self.start, self.end);
        is_plain.then_some(inner)
    }
}

/// A cursor over the direct members or items of an object or list.
#[derive(Debug, Clone)]
pub(super) struct Walk<'t> {
    text: &'t str,
    index: &'t Index,
    at: usize,
    is_first: bool,
    /// The positions of the quotes of the last key.
    key: (usize, usize),
    /// The position after the closing bracket, once it was reached.
    pub end: Option<usize>,
}

impl<'t> Walk<'t> {
    /// Starts in the container whose opening bracket is at `start`.
    pub fn new(text: &'t str, index: &'t Index, start: usize) -> Self {
        Self {
            text,
            index,
            at: start + 1,
            is_first: true,
            key: (start, start),
            end: None,
        }
    }

    /// Returns the next key, without its quotes, and its value. The outer none means that the
    /// slow reader must decide. A key that seems unknown may be a known one with escapes: check
    /// it with [`Self::is_unknown`].
    #[inline(always)]
    pub fn member(&mut self) -> Option<Option<(&'t [u8], Span)>> {
        if !self.begins(b'}')? {
            return Some(None);
        }
        let open = self.at;
        if self.byte(open)? != b'"' {
            return None;
        }
        let close = self.index.string_end(self.bytes(), open)?;
        self.key = (open, close);
        let colon = skip_blank(self.bytes(), close + 1);
        if self.byte(colon)? != b':' {
            return None;
        }
        self.at = skip_blank(self.bytes(), colon + 1);
        let value = self.value(b'}')?;
        Some(Some((self.bytes().get(open + 1..close)?, value)))
    }

    /// Whether another member follows in an object. Calling it again gives the same result.
    #[inline]
    pub fn goes_on(&mut self) -> Option<bool> {
        self.begins(b'}')
    }

    /// Skips a key with its quotes and its colon if it is here.
    #[inline]
    pub fn takes(&mut self, key: &[u8]) -> bool {
        let is_here = self
            .bytes()
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(key));
        if is_here {
            self.at = skip_blank(self.bytes(), self.at + key.len());
        }
        is_here
    }

    /// Returns the value after a key that was taken.
    #[inline(always)]
    pub fn value_of_member(&mut self) -> Option<Span> {
        self.value(b'}')
    }

    /// Returns none if the last key has escapes.
    #[inline]
    pub fn is_unknown(&self) -> Option<()> {
        let (open, close) = self.key;
        let has_escapes = self.index.has_backslash(self.bytes(), open, close);
        (!has_escapes).then_some(())
    }

    /// Returns the next item of a list.
    pub fn item(&mut self) -> Option<Option<Span>> {
        if !self.begins(b']')? {
            return Some(None);
        }
        self.value(b']').map(Some)
    }

    /// Whether another member or item follows.
    #[inline]
    fn begins(&mut self, closing: u8) -> Option<bool> {
        if self.end.is_some() {
            return Some(false);
        }
        self.at = skip_blank(self.bytes(), self.at);
        let is_first = std::mem::take(&mut self.is_first);
        if is_first && self.byte(self.at)? == closing {
            self.end = Some(self.at + 1);
            return Some(false);
        }
        Some(true)
    }

    /// Reads the value that begins here and the byte that ends it. Inlined, because returning
    /// the result through memory took longer than everything else.
    #[inline(always)]
    fn value(&mut self, closing: u8) -> Option<Span> {
        let start = self.at;
        let end = match self.byte(start)? {
            b'"' => self.index.string_end(self.bytes(), start)? + 1,
            open @ (b'{' | b'[') => {
                let end = self.index.closing(self.bytes(), start)?;
                // In ASCII, a closing bracket is two after its opening one.
                if self.byte(end)? != open + 2 {
                    return None;
                }
                end + 1
            }
            _ => word_end(self.bytes(), start),
        };
        let behind = skip_blank(self.bytes(), end);
        match self.byte(behind)? {
            b',' => self.at = behind + 1,
            byte if byte == closing => self.end = Some(behind + 1),
            _ => return None,
        }
        (start < end).then_some(Span { start, end })
    }

    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }

    #[inline]
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }
}
