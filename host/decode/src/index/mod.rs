//! An index of the brackets and quotes in a JSON text.
//!
//! One pass over the bytes, 64 at a time and without branches on their values, finds
//! the starts and ends of strings and containers. Counting quotes separates the insides
//! of strings from the rest, as in simdjson (Langdale and Lemire, "Parsing Gigabytes of
//! JSON per Second", 2019, sections 3.1 and 3.2).

mod block;
mod pass;
mod processor;

use block::BLOCK;
use pass::{State, Word};

use super::scan::string_end;

/// The number of blocks that are indexed before it is known whether the rest matters:
/// kube-apiserver writes the deciding fields into about the first 1,200 bytes.
const EARLY: usize = 20;

/// The index of a text or of its beginning. Its buffer is reused, so that a text no longer
/// than an earlier one needs no allocation.
#[derive(Debug, Default)]
pub(super) struct Index {
    words: Vec<Word>,
    state: State,
    is_whole: bool,
}

impl Index {
    /// Starts a new text and indexes its beginning.
    pub fn begin(&mut self, text: &[u8]) {
        self.words.clear();
        self.state = State::default();
        let piece = text.get(..EARLY * BLOCK);
        self.is_whole = piece.is_none();
        processor::pass(piece.unwrap_or(text), &mut self.state, &mut self.words);
    }

    /// Indexes the rest of the text. Returns false if a string does not end or has a control
    /// character.
    pub fn complete(&mut self, text: &[u8]) -> bool {
        if !self.is_whole {
            self.is_whole = true;
            let rest = text.get(self.words.len() * BLOCK..).unwrap_or_default();
            processor::pass(rest, &mut self.state, &mut self.words);
        }
        self.state.is_closed() && self.state.is_clean()
    }

    /// Returns the first quote or bracket from `at` on, within the indexed part.
    #[inline]
    pub fn next(&self, at: usize) -> Option<usize> {
        let mut number = at / BLOCK;
        let mut bits = self.words.get(number)?.places & (u64::MAX << (at % BLOCK));
        while bits == 0 {
            number += 1;
            bits = self.words.get(number)?.places;
        }
        Some(number * BLOCK + bits.trailing_zeros() as usize)
    }

    /// Returns the position of the closing quote of the string whose opening quote is at `at`.
    #[inline]
    pub fn string_end(&self, text: &[u8], at: usize) -> Option<usize> {
        match self.next(at + 1) {
            Some(end) => Some(end),
            None if self.is_whole => None,
            None => string_end(text, at).map(|behind| behind - 1),
        }
    }

    /// Returns the position of the bracket that closes the one at `at`. Both kinds of brackets
    /// count alike.
    pub fn closing(&self, text: &[u8], at: usize) -> Option<usize> {
        // Words omit empty pairs of brackets.
        if let Some(b'}' | b']') = text.get(at + 1) {
            return Some(at + 1);
        }
        let mut number = at / BLOCK;
        let mut mask = u64::MAX << (at % BLOCK);
        let mut depth = 0;
        while let Some(word) = self.words.get(number) {
            if let Some(place) = word.closing(mask, &mut depth) {
                return Some(number * BLOCK + place);
            }
            number += 1;
            mask = u64::MAX;
        }
        if self.is_whole {
            return None;
        }
        let behind = self.words.len() * BLOCK;
        if at < behind {
            let rest = text.get(behind..)?;
            return processor::closing(rest, self.state, depth).map(|end| behind + end);
        }
        processor::closing(text.get(at..)?, State::default(), 0).map(|end| at + end)
    }

    /// Iterates over all quotes and brackets.
    pub fn places(&self) -> Places<'_> {
        Places {
            words: &self.words,
            number: 0,
            bits: self.words.first().map_or(0, |word| word.places),
        }
    }

    /// Returns the first backslash from `at` on, within the indexed part, or `usize::MAX`.
    pub fn next_backslash(&self, at: usize) -> usize {
        let mut number = at / BLOCK;
        let mut mask = u64::MAX << (at % BLOCK);
        while let Some(word) = self.words.get(number) {
            let bits = word.backslash & mask;
            if bits != 0 {
                return number * BLOCK + bits.trailing_zeros() as usize;
            }
            number += 1;
            mask = u64::MAX;
        }
        usize::MAX
    }

    /// Whether there is a backslash in `start..end`.
    #[inline]
    pub fn has_backslash(&self, text: &[u8], start: usize, end: usize) -> bool {
        let (first, last) = (start / BLOCK, end / BLOCK);
        let word = |number: usize| self.words.get(number).map_or(0, |word| word.backslash);
        let before_end = (1 << (end % BLOCK)) - 1;
        let from_start = u64::MAX << (start % BLOCK);
        if last >= self.words.len() {
            let text = text.get(start..end).unwrap_or_default();
            return memchr::memchr(b'\\', text).is_some();
        }
        if first == last {
            return word(first) & from_start & before_end != 0;
        }
        word(first) & from_start != 0
            || (first + 1..last).any(|number| word(number) != 0)
            || word(last) & before_end != 0
    }
}

/// The quotes and brackets of a text, in order.
#[derive(Debug, Clone)]
pub(super) struct Places<'i> {
    words: &'i [Word],
    number: usize,
    bits: u64,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            self.number += 1;
            self.bits = self.words.get(self.number)?.places;
        }
        let place = self.number * BLOCK + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Index;

    /// Finds the quotes and brackets byte by byte.
    fn places(text: &[u8]) -> (Vec<usize>, bool) {
        let (mut places, mut inside, mut escaped) = (Vec::new(), false, false);
        for (at, byte) in text.iter().enumerate() {
            let is_escaped = std::mem::take(&mut escaped);
            match byte {
                b'"' if !is_escaped => {
                    inside = !inside;
                    places.push(at);
                }
                b'\\' if !is_escaped => escaped = true,
                b'{' | b'}' | b'[' | b']' if !inside => places.push(at),
                _ => {}
            }
        }
        (places, !inside)
    }

    fn begun(text: &[u8]) -> Index {
        let mut index = Index::default();
        index.begin(text);
        index
    }

    fn whole(text: &[u8]) -> (Index, bool) {
        let mut index = begun(text);
        let is_good = index.complete(text);
        (index, is_good)
    }

    proptest! {
        #[test]
        fn index_agrees_with_a_slow_reader(text in "[{}\\[\\]:,\"\\\\a é]{0,300}") {
            let (index, is_good) = whole(text.as_bytes());
            let (expected, is_closed) = places(text.as_bytes());
            let mut found = Vec::new();
            let mut at = 0;
            while let Some(place) = index.next(at) {
                found.push(place);
                at = place + 1;
            }
            prop_assert_eq!(index.places().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(found, expected);
            prop_assert_eq!(is_good, is_closed);
        }

        #[test]
        fn bracket_closes_where_the_depth_returns(text in "[{}\\[\\]a]{0,1600}") {
            let (whole, _) = whole(text.as_bytes());
            let begun = begun(text.as_bytes());
            for (at, byte) in text.bytes().enumerate() {
                if !matches!(byte, b'{' | b'[') {
                    continue;
                }
                let mut depth = 0_i32;
                let expected = text.bytes().enumerate().skip(at).find_map(|(place, byte)| {
                    depth += match byte {
                        b'{' | b'[' => 1,
                        b'}' | b']' => -1,
                        _ => 0,
                    };
                    (depth == 0).then_some(place)
                });
                prop_assert_eq!(whole.closing(text.as_bytes(), at), expected);
                prop_assert_eq!(begun.closing(text.as_bytes(), at), expected);
            }
        }

        #[test]
        fn backslashes_are_found_in_their_range(text in "[a\\\\]{0,1600}", start in 0_usize..1600, end in 0_usize..1600) {
            let index = begun(text.as_bytes());
            let (start, end) = (start.min(text.len()), end.min(text.len()));
            let next = text[start..].find('\\').map_or(usize::MAX, |next| start + next);
            let (whole, _) = whole(text.as_bytes());
            prop_assert_eq!(whole.next_backslash(start), next);
            if start <= end {
                prop_assert_eq!(index.has_backslash(text.as_bytes(), start, end), text[start..end].contains('\\'));
            }
        }
    }

    proptest! {
        #[test]
        fn string_ends_agree_with_a_slow_reader(head in 1200_usize..1400, text in "(a|\\\\[a\"\\\\])*") {
            let text = format!("{}\"{text}\" ", " ".repeat(head));
            let expected = crate::scan::string_end(text.as_bytes(), head).map(|end| end - 1);
            let (whole, _) = whole(text.as_bytes());
            prop_assert_eq!(begun(text.as_bytes()).string_end(text.as_bytes(), head), expected);
            prop_assert_eq!(whole.string_end(text.as_bytes(), head), expected);
        }
    }

    #[test]
    fn control_characters_count_only_inside_strings() {
        assert!(whole(b"{\n\"a\":\t1}").1);
        assert!(!whole(b"{\"a\n\":1}").1);
    }
}
