//! Classification of 64 bytes of JSON at a time, one bit for each byte.

use wide::u8x16;

/// The bytes of a block, one for each bit of a mask.
pub(super) const BLOCK: usize = 64;

/// The positions of structural bytes in a block; the first byte is the lowest bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masks {
    pub quote: u64,
    /// `{` and `[`.
    pub open: u64,
    /// `}` and `]`.
    pub close: u64,
    pub backslash: u64,
    /// Bytes below `0x20`, which strings may not contain (RFC 8259, section 7).
    pub control: u64,
}

/// An implementation of the classification.
pub(super) trait Classify {
    fn masks(block: &[u8; BLOCK]) -> Masks;

    /// Sets each bit if the number of set bits up to and including it is odd. Given the quotes,
    /// this marks the insides of strings with their opening quotes.
    fn odd_so_far(bits: u64) -> u64;
}

/// The implementation for every processor: all supported targets have 16-byte vectors.
pub(super) struct Portable;

impl Classify for Portable {
    #[inline(always)]
    fn masks(block: &[u8; BLOCK]) -> Masks {
        let (parts, _) = block.as_chunks::<16>();
        let mut masks = Masks::default();
        let mut any = u8x16::splat(0);
        for (index, part) in parts.iter().enumerate() {
            let bytes = u8x16::new(*part);
            let set = |vector: u8x16| u64::from(vector.to_bitmask()) << (index * 16);
            let is = |bytes: u8x16, byte: u8| bytes.simd_eq(u8x16::splat(byte));
            // `[` and `{` differ only in this bit, as do `]` and `}`.
            let folded = bytes | u8x16::splat(0x20);
            masks.quote |= set(is(bytes, b'"'));
            masks.open |= set(is(folded, b'{'));
            masks.close |= set(is(folded, b'}'));
            any |= is(bytes, b'\\') | is(bytes & u8x16::splat(0xe0), 0);
        }
        // Few blocks have such bytes, and on some processors each mask is costly.
        if any.to_bitmask() != 0 {
            for (index, part) in parts.iter().enumerate() {
                let bytes = u8x16::new(*part);
                let set = |vector: u8x16| u64::from(vector.to_bitmask()) << (index * 16);
                masks.backslash |= set(bytes.simd_eq(u8x16::splat(b'\\')));
                masks.control |= set((bytes & u8x16::splat(0xe0)).simd_eq(u8x16::splat(0)));
            }
        }
        masks
    }

    #[inline(always)]
    fn odd_so_far(mut bits: u64) -> u64 {
        for shift in [1, 2, 4, 8, 16, 32] {
            bits ^= bits << shift;
        }
        bits
    }
}

/// The implementation for x86-64-v3 (System V ABI for AMD64, 3.1.1): 32 bytes at a time.
#[cfg(target_arch = "x86_64")]
pub(super) mod v3 {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
        _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8,
    };

    use super::{BLOCK, Masks};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn masks(block: &[u8; BLOCK]) -> Masks {
        let halves: [__m256i; 2] = bytemuck::must_cast(*block);
        let mut masks = Masks::default();
        for (index, bytes) in halves.into_iter().enumerate() {
            let set = |vector: __m256i| {
                u64::from(_mm256_movemask_epi8(vector).cast_unsigned()) << (index * 32)
            };
            let is = |bytes: __m256i, byte: u8| {
                _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
            };
            let folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
            masks.quote |= set(is(bytes, b'"'));
            masks.open |= set(is(folded, b'{'));
            masks.close |= set(is(folded, b'}'));
            let top = _mm256_and_si256(bytes, _mm256_set1_epi8(0xe0_u8.cast_signed()));
            masks.backslash |= set(is(bytes, b'\\'));
            masks.control |= set(is(top, 0));
        }
        masks
    }

    /// A carry-less product with all bits set is the parity of the bits up to each.
    #[inline]
    #[target_feature(enable = "pclmulqdq")]
    pub fn odd_so_far(bits: u64) -> u64 {
        let bits = _mm_set_epi64x(0, bits.cast_signed());
        let product = _mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product).cast_unsigned()
    }
}

/// The implementation for x86-64-v4: 64 bytes at a time, and comparisons yield masks.
#[cfg(target_arch = "x86_64")]
pub(super) mod v4 {
    use std::arch::x86_64::{
        __m512i, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_or_si512, _mm512_set1_epi8,
    };

    pub use super::v3::odd_so_far;
    use super::{BLOCK, Masks};

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub fn masks(block: &[u8; BLOCK]) -> Masks {
        let bytes: __m512i = bytemuck::must_cast(*block);
        let is = |bytes: __m512i, byte: u8| {
            _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed()))
        };
        let folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
        Masks {
            quote: is(bytes, b'"'),
            open: is(folded, b'{'),
            close: is(folded, b'}'),
            backslash: is(bytes, b'\\'),
            control: _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Classify, Masks, Portable};

    fn slow(block: &[u8; BLOCK]) -> Masks {
        let of = |test: &dyn Fn(u8) -> bool| {
            block.iter().enumerate().fold(0, |mask, (index, byte)| {
                mask | (u64::from(test(*byte)) << index)
            })
        };
        Masks {
            quote: of(&|byte| byte == b'"'),
            open: of(&|byte| byte == b'{' || byte == b'['),
            close: of(&|byte| byte == b'}' || byte == b']'),
            backslash: of(&|byte| byte == b'\\'),
            control: of(&|byte| byte < 0x20),
        }
    }

    proptest! {
        #[test]
        fn masks_agree_with_single_bytes(
            bytes in prop::array::uniform32(any::<u8>()),
            others in prop::array::uniform32(0x1e_u8..0x80),
        ) {
            let mut block = [0; BLOCK];
            block[..32].copy_from_slice(&bytes);
            block[32..].copy_from_slice(&others);
            prop_assert_eq!(Portable::masks(&block), slow(&block));
        }
    }

    #[test]
    fn every_byte_is_classified() {
        for byte in 0..=u8::MAX {
            let block = [byte; BLOCK];
            assert_eq!(Portable::masks(&block), slow(&block), "{byte:#x}");
        }
    }

    #[test]
    fn bits_between_pairs_are_set() {
        assert_eq!(Portable::odd_so_far(0b0100_0100), 0b0011_1100);
        assert_eq!(Portable::odd_so_far(1 << 60), 0xf << 60);
    }
}
