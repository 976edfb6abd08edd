/// A position in packed bytes.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Place<'a> {
    /// The beginning of packed bytes.
    #[must_use]
    pub const fn start(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The place this many bytes further.
    #[must_use]
    pub const fn plus(self, offset: usize) -> Self {
        self.to(self.at.wrapping_add(offset))
    }

    /// Another place in the same bytes.
    pub(crate) const fn to(self, at: usize) -> Self {
        Self {
            bytes: self.bytes,
            at,
        }
    }

    /// The bytes here; zeros if they end before that.
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

    /// A position, as it is written here.
    #[inline]
    pub(crate) fn offset(self) -> usize {
        // A position beyond the reach of `usize` is outside of the bytes in any case.
        usize::try_from(u32::from_le_bytes(self.take())).unwrap_or(usize::MAX)
    }

    /// The bytes that the position and the length here mean; none if they are not all
    /// there.
    #[inline]
    pub(crate) fn pointed(self) -> &'a [u8] {
        let (start, length) = (self.offset(), self.plus(4).offset());
        start
            .checked_add(length)
            .and_then(|end| self.bytes.get(start..end))
            .unwrap_or_default()
    }

    /// Where the rows begin and end that the position and the count here mean; none
    /// if they are not all there.
    #[inline]
    pub(crate) fn pointed_rows(self, size: usize) -> (usize, usize) {
        let (start, count) = (self.offset(), self.plus(4).offset());
        count
            .checked_mul(size)
            .and_then(|length| start.checked_add(length))
            .filter(|&end| end <= self.bytes.len())
            .map_or((0, 0), |end| (start, end))
    }

    /// Whether a row of this size is there at another place.
    #[inline]
    pub(crate) fn holds(self, at: usize, size: usize) -> bool {
        at.checked_add(size)
            .is_some_and(|end| end <= self.bytes.len())
    }
}
