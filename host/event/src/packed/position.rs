/// A position in packed bytes.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Position<'a> {
    /// The position of the first byte.
    #[must_use]
    pub const fn start(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The position this many bytes further on.
    #[must_use]
    pub const fn plus(self, offset: usize) -> Self {
        self.to(self.at.wrapping_add(offset))
    }

    /// Another position in the same bytes.
    pub(crate) const fn to(self, at: usize) -> Self {
        Self {
            bytes: self.bytes,
            at,
        }
    }

    /// The `N` bytes here, or zeros if there are not that many.
    #[inline]
    pub(crate) fn take<const N: usize>(self) -> [u8; N] {
        self.bytes
            .get(self.at..)
            .and_then(|rest| rest.first_chunk::<N>())
            .copied()
            .unwrap_or([0; N])
    }

    #[inline]
    pub(crate) fn byte(self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    /// The position that is stored here.
    #[inline]
    pub(crate) fn offset(self) -> usize {
        // A position that `usize` cannot hold is outside the bytes in any case.
        usize::try_from(u32::from_le_bytes(self.take())).unwrap_or(usize::MAX)
    }

    /// The bytes to which the position and length stored here point, or none if they are
    /// incomplete.
    #[inline]
    pub(crate) fn pointed(self) -> &'a [u8] {
        let (start, length) = (self.offset(), self.plus(4).offset());
        start
            .checked_add(length)
            .and_then(|end| self.bytes.get(start..end))
            .unwrap_or_default()
    }

    /// The start and end of the rows to which the position and count stored here point, or
    /// an empty range if they are incomplete.
    #[inline]
    pub(crate) fn pointed_rows(self, size: usize) -> (usize, usize) {
        let (start, count) = (self.offset(), self.plus(4).offset());
        count
            .checked_mul(size)
            .and_then(|length| start.checked_add(length))
            .filter(|&end| end <= self.bytes.len())
            .map_or((0, 0), |end| (start, end))
    }

    /// Whether the bytes hold a row of this size at another position.
    #[inline]
    pub(crate) fn holds(self, at: usize, size: usize) -> bool {
        at.checked_add(size)
            .is_some_and(|end| end <= self.bytes.len())
    }
}
