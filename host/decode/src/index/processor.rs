//! The pass, with the instructions of the processor at hand.

use super::block::{Classify, Portable};
use super::pass::{State, Word, add, find_closing};

/// Adds the words of a part of a text. The part must end with a block or with the text.
pub(super) fn pass(piece: &[u8], state: &mut State, words: &mut Vec<Word>) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "calling a `target_feature` function is unsafe")]
    match level() {
        // SAFETY: the functions of a level are unsafe only because of their instructions, and
        // `level` has just checked that this processor has all of them.
        Level::V4 => return unsafe { v4::pass(piece, state, words) },
        // SAFETY: likewise.
        Level::V3 => return unsafe { v3::pass(piece, state, words) },
        Level::Any => {}
    }
    add(piece, state, words, Portable::masks, Portable::odd_so_far);
}

/// Returns the position of the bracket at which the depth returns to zero, given the depth and
/// the state at the start of the text.
pub(super) fn closing(text: &[u8], state: State, depth: u32) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "calling a `target_feature` function is unsafe")]
    match level() {
        // SAFETY: as in `pass`.
        Level::V4 => return unsafe { v4::closing(text, state, depth) },
        // SAFETY: as in `pass`.
        Level::V3 => return unsafe { v3::closing(text, state, depth) },
        Level::Any => {}
    }
    find_closing(text, state, depth, Portable::masks, Portable::odd_so_far)
}

/// The level of a processor (System V ABI for AMD64, 3.1.1).
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The baseline.
    Any,
    /// The parts of x86-64-v3 that are used here.
    V3,
    /// The parts of x86-64-v4 that are used here.
    V4,
}

#[cfg(target_arch = "x86_64")]
fn level() -> Level {
    let is_v3 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("pclmulqdq")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("bmi1");
    let is_v4 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    match (is_v3, is_v4) {
        (true, true) => Level::V4,
        (true, false) => Level::V3,
        (false, _) => Level::Any,
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! for_level {
    ($name:ident, $features:literal) => {
        mod $name {
            use super::super::block::$name::{masks, odd_so_far};
            use super::{State, Word, add, find_closing};

            #[target_feature(enable = $features)]
            pub fn pass(piece: &[u8], state: &mut State, words: &mut Vec<Word>) {
                add(
                    piece,
                    state,
                    words,
                    |block| masks(block),
                    |bits| odd_so_far(bits),
                );
            }

            #[target_feature(enable = $features)]
            pub fn closing(text: &[u8], state: State, depth: u32) -> Option<usize> {
                find_closing(
                    text,
                    state,
                    depth,
                    |block| masks(block),
                    |bits| odd_so_far(bits),
                )
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
for_level!(v3, "avx2,pclmulqdq,popcnt,bmi1");
#[cfg(target_arch = "x86_64")]
for_level!(v4, "avx2,pclmulqdq,popcnt,bmi1,avx512f,avx512bw");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words of a text, whether its strings are closed and clean, and its closing bracket.
    type Found = (Vec<Word>, bool, bool, Option<usize>);

    type Pass = fn(&[u8], &mut State, &mut Vec<Word>);

    type Closing = fn(&[u8], State, u32) -> Option<usize>;

    fn found(text: &[u8], pass: Pass, closing: Closing) -> Found {
        let (mut state, mut words) = (State::default(), Vec::new());
        pass(text, &mut state, &mut words);
        let end = closing(text, State::default(), 0);
        (words, state.is_closed(), state.is_clean(), end)
    }

    fn portable(text: &[u8]) -> Found {
        found(
            text,
            |text, state, words| {
                add(text, state, words, Portable::masks, Portable::odd_so_far);
            },
            |text, state, depth| {
                find_closing(text, state, depth, Portable::masks, Portable::odd_so_far)
            },
        )
    }

    proptest! {
        #[test]
        fn chosen_level_agrees_with_portable_code(text in "[{}\\[\\]:,\"\\\\a é\n]{0,300}") {
            let text = text.as_bytes();
            prop_assert_eq!(found(text, pass, closing), portable(text));
        }

        /// Covers the level that a better processor would not choose.
        #[test]
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code, reason = "as above")]
        fn lower_level_agrees_with_portable_code(text in "[{}\\[\\]:,\"\\\\a é\n]{0,300}") {
            prop_assume!(level() == Level::V4);
            let text = text.as_bytes();
            let v3 = found(
                text,
                // SAFETY: a processor with v4 has v3.
                |text, state, words| unsafe { v3::pass(text, state, words) },
                // SAFETY: likewise.
                |text, state, depth| unsafe { v3::closing(text, state, depth) },
            );
            prop_assert_eq!(v3, portable(text));
        }
    }
}
