use super::Packed;

/// A packed value exceeds 4 GiB, the range of 32-bit positions.
///
/// Implements `Error` by hand, as [`super::NotABatch`] does: detectors build this crate,
/// and two messages do not justify a dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the packed value exceeds 4 GiB")
    }
}

impl std::error::Error for TooLarge {}

/// The bytes of a value that is being packed.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    too_large: bool,
}

impl Writer {
    /// Writes bytes at a position that was reserved for them.
    #[inline]
    pub(crate) fn put<const N: usize>(&mut self, at: usize, value: [u8; N]) {
        if let Some(room) = self
            .bytes
            .get_mut(at..)
            .and_then(|rest| rest.first_chunk_mut::<N>())
        {
            *room = value;
        }
    }

    /// Writes a position and a length or count.
    #[inline]
    fn point(&mut self, at: usize, start: usize, length: usize) {
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(length)) else {
            self.too_large = true;
            return;
        };
        let both = u64::from(start) | u64::from(length) << 32;
        self.put(at, both.to_le_bytes());
    }

    /// Appends text, and writes its position and length into a row.
    #[inline]
    pub(crate) fn text(&mut self, at: usize, text: &str) {
        if !text.is_empty() {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(text.as_bytes());
            self.point(at, start, text.len());
        }
    }

    /// Appends space for rows, and writes their position and count into a row. Returns the
    /// position of the first.
    #[inline]
    pub(crate) fn rows(&mut self, at: usize, count: usize, size: usize) -> usize {
        let start = self.bytes.len();
        if count > 0 {
            self.bytes
                .resize(start.saturating_add(count.saturating_mul(size)), 0);
            self.point(at, start, count);
        }
        start
    }

    /// Appends space for one row, and writes its position into another. Returns the position.
    #[inline]
    pub(crate) fn row(&mut self, at: usize, size: usize) -> usize {
        let start = self.bytes.len();
        self.bytes.resize(start.saturating_add(size), 0);
        match u32::try_from(start) {
            Ok(start) => self.put(at, start.to_le_bytes()),
            Err(_) => self.too_large = true,
        }
        start
    }
}

/// Packs a value: its row first, then all data to which the row points. Equal values give
/// equal bytes.
///
/// # Errors
/// Returns [`TooLarge`] if the packed value exceeds 4 GiB, which no event from a line of a
/// log does.
pub fn pack<T: Packed>(value: &T) -> Result<Vec<u8>, TooLarge> {
    let mut bytes = Vec::new();
    pack_into(value, &mut bytes)?;
    Ok(bytes)
}

/// Packs a value into a buffer and overwrites its contents, so that the buffer can be
/// reused for many values.
///
/// # Errors
/// Returns [`TooLarge`] if the packed value exceeds 4 GiB. The contents of the buffer are
/// then unspecified.
pub fn pack_into<T: Packed>(value: &T, buffer: &mut Vec<u8>) -> Result<(), TooLarge> {
    let mut writer = Writer {
        bytes: std::mem::take(buffer),
        too_large: false,
    };
    writer.bytes.clear();
    writer.bytes.resize(T::SIZE, 0);
    value.write(&mut writer, 0);
    *buffer = writer.bytes;
    if writer.too_large {
        return Err(TooLarge);
    }
    Ok(())
}
