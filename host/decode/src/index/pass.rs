//! The pass over the blocks of a text, independent of the processor.

use super::block::{BLOCK, Masks};

/// One block's share of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// Quotes of strings, and brackets outside strings.
    pub places: u64,
    /// Opening brackets, except those of empty pairs, which do not change the depth.
    pub open: u64,
    /// Closing brackets, with the same exception.
    pub close: u64,
    pub backslash: u64,
    /// The number of bits in `open`.
    pub opens: u8,
    /// The number of bits in `close`.
    pub closes: u8,
}

/// Splits a text into blocks; the last is padded with spaces.
#[inline(always)]
fn blocks(text: &[u8]) -> (&[[u8; BLOCK]], Option<[u8; BLOCK]>) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    if rest.is_empty() {
        return (blocks, None);
    }
    let mut last = [b' '; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    (blocks, Some(last))
}

#[inline(always)]
pub(super) fn add(
    piece: &[u8],
    state: &mut State,
    words: &mut Vec<Word>,
    masks: impl Fn(&[u8; BLOCK]) -> Masks,
    odd_so_far: impl Fn(u64) -> u64,
) {
    let (blocks, last) = blocks(piece);
    words.reserve(blocks.len() + 1);
    for block in blocks.iter().chain(&last) {
        words.push(state.take(&masks(block), &odd_so_far));
    }
}

#[inline(always)]
pub(super) fn find_closing(
    text: &[u8],
    mut state: State,
    mut depth: u32,
    masks: impl Fn(&[u8; BLOCK]) -> Masks,
    odd_so_far: impl Fn(u64) -> u64,
) -> Option<usize> {
    let (blocks, last) = blocks(text);
    for (number, block) in blocks.iter().chain(&last).enumerate() {
        let word = state.take(&masks(block), &odd_so_far);
        if let Some(place) = word.closing(u64::MAX, &mut depth) {
            return Some(number * BLOCK + place);
        }
    }
    None
}

impl Word {
    /// Counts the brackets in `mask`. Returns the position of the bracket at which `depth`
    /// returns to zero.
    #[inline(always)]
    pub fn closing(&self, mask: u64, depth: &mut u32) -> Option<usize> {
        // Even if all closing brackets came first, the depth would stay above zero.
        if u32::from(self.closes) < *depth {
            *depth = *depth + u32::from(self.opens) - u32::from(self.closes);
            return None;
        }
        let (open, mut close) = (self.open & mask, self.close & mask);
        let mut closed = 0;
        while close != 0 {
            let before = (close & close.wrapping_neg()) - 1;
            closed += 1;
            if *depth + (open & before).count_ones() <= closed {
                return Some(close.trailing_zeros() as usize);
            }
            close &= close - 1;
        }
        *depth = *depth + open.count_ones() - closed;
        None
    }
}

/// The state that one block passes to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    /// All bits are set if a string continues.
    in_string: u64,
    /// 1 if the next byte is escaped.
    escaped: u64,
    control: u64,
}

impl State {
    /// Whether every string has ended.
    pub fn is_closed(&self) -> bool {
        self.in_string == 0
    }

    /// Whether no string contained a control character.
    pub fn is_clean(&self) -> bool {
        self.control == 0
    }

    #[inline(always)]
    fn take(&mut self, masks: &Masks, odd_so_far: &impl Fn(u64) -> u64) -> Word {
        let quotes = masks.quote & !self.escaped_by(masks.backslash);
        // The opening quote counts as inside the string, the closing one as outside.
        let inside = odd_so_far(quotes) ^ self.in_string;
        self.in_string = 0_u64.wrapping_sub(inside >> 63);
        self.control |= masks.control & inside;
        let (open, close) = (masks.open & !inside, masks.close & !inside);
        let places = quotes | open | close;
        // `managedFields` consists mostly of empty pairs.
        let empty = open & (close >> 1);
        let (open, close) = (open & !empty, close & !(empty << 1));
        Word {
            places,
            open,
            close,
            backslash: masks.backslash,
            // At most 64 each.
            opens: open.count_ones() as u8,
            closes: close.count_ones() as u8,
        }
    }

    /// Returns the bytes that follow an odd number of backslashes.
    #[inline(always)]
    fn escaped_by(&mut self, backslash: u64) -> u64 {
        if backslash == 0 {
            return std::mem::take(&mut self.escaped);
        }
        let mut escaped = self.escaped;
        let mut rest = backslash & !self.escaped;
        self.escaped = 0;
        // Backslashes are rare, so one step for each escape is fast enough.
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
