use super::Packed;

/// A value is larger than positions of 32 bits reach.
///
/// Written out, as are the errors of reading: detectors build this crate, and should
/// need no other for two sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("larger than 4 GiB when it is packed")
    }
}

impl std::error::Error for TooLarge {}

/// Where values are packed to.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    too_large: bool,
}

impl Writer {
    /// Puts bytes where room for them was reserved.
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

    /// Puts a position and a length or a count.
    #[inline]
    fn point(&mut self, at: usize, start: usize, length: usize) {
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(length)) else {
            self.too_large = true;
            return;
        };
        let both = u64::from(start) | u64::from(length) << 32;
        self.put(at, both.to_le_bytes());
    }

    /// Adds text to the end, and what it is found by to a row.
    #[inline]
    pub(crate) fn text(&mut self, at: usize, text: &str) {
        if !text.is_empty() {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(text.as_bytes());
            self.point(at, start, text.len());
        }
    }

    /// Makes room for rows at the end, and puts what they are found by into a row.
    /// Says where the first begins.
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

    /// Makes room for one row at the end, and puts its position into another.
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

/// Packs a value: its row at the beginning, and all that the row points to, which is
/// found from there. The same value always gives the same bytes.
///
/// # Errors
/// [`TooLarge`], which no event is that came as a line of a log.
pub fn pack<T: Packed>(value: &T) -> Result<Vec<u8>, TooLarge> {
    let mut bytes = Vec::new();
    pack_into(value, &mut bytes)?;
    Ok(bytes)
}

/// Packs a value into a buffer, whatever was in it before: [`pack`] where many are
/// packed and each is copied from there.
///
/// # Errors
/// As [`pack`]. The buffer then holds nothing of use.
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
