//! The pass over all blocks of a text.

use super::Summary;
use super::block::{BLOCK, Classify, Masks, Portable};

/// One block's share of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Quotes of strings, and brackets outside of them.
    pub places: u64,
    pub open: u64,
    pub close: u64,
    pub backslash: u64,
    /// How many brackets open.
    pub opens: u8,
    /// How many brackets close.
    pub closes: u8,
}

/// Adds the words of a text.
pub(super) fn pass(text: &[u8], words: &mut Vec<Word>) -> Summary {
    #[cfg(target_arch = "x86_64")]
    if is_v3() {
        #[allow(
            unsafe_code,
            reason = "a function for some processors only cannot be called otherwise"
        )]
        // SAFETY: the function is safe but for the instructions that it uses, and the
        // processor that this runs on has just said that it has them all.
        return unsafe { pass_v3(text, words) };
    }
    blocks(text, words, Portable::masks, Portable::odd_so_far)
}

#[cfg(target_arch = "x86_64")]
fn is_v3() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("pclmulqdq")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,pclmulqdq,popcnt,bmi1")]
fn pass_v3(text: &[u8], words: &mut Vec<Word>) -> Summary {
    use super::block::v3;
    blocks(
        text,
        words,
        |block| v3::masks(block),
        |bits| v3::odd_so_far(bits),
    )
}

#[inline(always)]
fn blocks(
    text: &[u8],
    words: &mut Vec<Word>,
    masks: impl Fn(&[u8; BLOCK]) -> Masks,
    odd_so_far: impl Fn(u64) -> u64,
) -> Summary {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut state = State::default();
    let mut last = [b' '; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    words.reserve(blocks.len() + 1);
    for block in blocks.iter().chain(std::iter::once(&last)) {
        words.push(state.take(&masks(block), &odd_so_far));
    }
    Summary {
        is_ascii: state.beyond_ascii == 0,
        is_closed: state.in_string == 0,
        is_clean: state.control == 0,
    }
}

/// What one block leaves to the next.
#[derive(Debug, Default)]
struct State {
    /// All bits set if a string goes on.
    in_string: u64,
    /// 1 if the next byte is escaped.
    escaped: u64,
    control: u64,
    beyond_ascii: u64,
}

impl State {
    #[inline(always)]
    fn take(&mut self, masks: &Masks, odd_so_far: &impl Fn(u64) -> u64) -> Word {
        let quotes = masks.quote & !self.escaped_by(masks.backslash);
        // Of a string the opening quote is inside and the closing one is not.
        let inside = odd_so_far(quotes) ^ self.in_string;
        self.in_string = 0_u64.wrapping_sub(inside >> 63);
        self.control |= masks.control & inside;
        self.beyond_ascii |= masks.beyond_ascii;
        let (open, close) = (masks.open & !inside, masks.close & !inside);
        Word {
            places: quotes | open | close,
            open,
            close,
            backslash: masks.backslash,
            // At most 64.
            opens: open.count_ones() as u8,
            closes: close.count_ones() as u8,
        }
    }

    /// The bytes behind an odd number of backslashes.
    #[inline(always)]
    fn escaped_by(&mut self, backslash: u64) -> u64 {
        if backslash == 0 {
            return std::mem::take(&mut self.escaped);
        }
        let mut escaped = self.escaped;
        let mut rest = backslash & !self.escaped;
        self.escaped = 0;
        // Backslashes are rare: one step for each that escapes.
        while rest != 0 {
            let lowest = rest & rest.wrapping_neg();
            let next = lowest << 1;
            if next == 0 {
                self.escaped = 1;
            }
            escaped |= next;
            rest &= !(lowest | next);
        }
        escaped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Classify, Portable, blocks, pass};

    proptest! {
        #[test]
        fn all_processors_find_the_same(text in "[{}\\[\\]:,\"\\\\a é\n]{0,300}") {
            let (mut here, mut anywhere) = (Vec::new(), Vec::new());
            let summary = pass(text.as_bytes(), &mut here);
            let portable =
                blocks(text.as_bytes(), &mut anywhere, Portable::masks, Portable::odd_so_far);
            prop_assert_eq!(summary, portable);
            prop_assert_eq!(here, anywhere);
        }
    }
}
