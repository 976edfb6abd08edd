//! Where the brackets and quotes of a JSON text stand.
//!
//! One pass over the bytes, 64 at a time and without branches on what they are, finds
//! where strings and containers begin and end. What is inside of strings is
//! told from what is outside by counting quotes, after the method of simdjson (Langdale
//! and Lemire, "Parsing Gigabytes of JSON per Second", 2019, sections 3.1 and 3.2).

mod block;
mod pass;

use block::BLOCK;
use pass::{Word, pass};

/// What the pass found out about the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    pub is_ascii: bool,
    /// Every string ends.
    pub is_closed: bool,
    /// No string has a control character.
    pub is_clean: bool,
}

/// The places of one text. Made once and used again, so that a text costs no allocation
/// once there was one as long.
#[derive(Debug, Default)]
pub(super) struct Index {
    words: Vec<Word>,
}

impl Index {
    /// Takes another text.
    pub fn build(&mut self, text: &[u8]) -> Summary {
        self.words.clear();
        pass(text, &mut self.words)
    }

    /// The first place at or behind `at`.
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

    /// The place of the bracket that closes the one at `at`, by counting brackets of both
    /// kinds alike.
    pub fn closing(&self, at: usize) -> Option<usize> {
        let mut number = at / BLOCK;
        let mut mask = u64::MAX << (at % BLOCK);
        let mut depth = 0_u32;
        loop {
            let word = self.words.get(number)?;
            // Even if all that closes came first, this block would not end it.
            if u32::from(word.closes) < depth {
                depth = depth + u32::from(word.opens) - u32::from(word.closes);
            } else {
                let (open, close) = (word.open & mask, word.close & mask);
                let mut both = open | close;
                while both != 0 {
                    let lowest = both & both.wrapping_neg();
                    if open & lowest == 0 {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            return Some(number * BLOCK + both.trailing_zeros() as usize);
                        }
                    } else {
                        depth += 1;
                    }
                    both ^= lowest;
                }
            }
            number += 1;
            mask = u64::MAX;
        }
    }

    /// Whether a backslash stands from `start` on and before `end`.
    #[inline]
    pub fn has_backslash(&self, start: usize, end: usize) -> bool {
        let (first, last) = (start / BLOCK, end / BLOCK);
        let word = |number: usize| self.words.get(number).map_or(0, |word| word.backslash);
        let before_end = (1 << (end % BLOCK)) - 1;
        let from_start = u64::MAX << (start % BLOCK);
        if first == last {
            return word(first) & from_start & before_end != 0;
        }
        word(first) & from_start != 0
            || (first + 1..last).any(|number| word(number) != 0)
            || word(last) & before_end != 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Index, Summary};

    /// The same, byte by byte.
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

    fn of(text: &[u8]) -> (Index, Summary) {
        let mut index = Index::default();
        let summary = index.build(text);
        (index, summary)
    }

    proptest! {
        #[test]
        fn the_places_are_those_of_a_slow_reader(text in "[{}\\[\\]:,\"\\\\a é]{0,300}") {
            let (index, summary) = of(text.as_bytes());
            let (expected, is_closed) = places(text.as_bytes());
            let mut found = Vec::new();
            let mut at = 0;
            while let Some(place) = index.next(at) {
                found.push(place);
                at = place + 1;
            }
            prop_assert_eq!(found, expected);
            prop_assert_eq!(summary.is_closed, is_closed);
            prop_assert_eq!(summary.is_ascii, text.is_ascii());
        }

        #[test]
        fn a_bracket_closes_where_the_depth_comes_back(text in "[{}\\[\\]a]{0,400}") {
            let (index, _) = of(text.as_bytes());
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
                prop_assert_eq!(index.closing(at), expected);
            }
        }

        #[test]
        fn backslashes_are_found_in_their_range(text in "[a\\\\]{0,200}", start in 0_usize..200, end in 0_usize..200) {
            let (index, _) = of(text.as_bytes());
            let (start, end) = (start.min(text.len()), end.min(text.len()));
            if start <= end {
                prop_assert_eq!(index.has_backslash(start, end), text[start..end].contains('\\'));
            }
        }
    }

    #[test]
    fn control_characters_count_inside_of_strings_only() {
        assert!(of(b"{\n\"a\":\t1}").1.is_clean);
        assert!(!of(b"{\"a\n\":1}").1.is_clean);
    }
}
