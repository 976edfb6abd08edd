use std::fmt;

use super::{Packed, Position, Shape, Writer};

/// Text in packed bytes.
///
/// It is validated as UTF-8 only when it is read as a string. Most detectors only compare
/// two or three fields of an event, and bytes that equal valid text need no validation.
#[derive(Clone, Copy, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// The text, or an empty text if the bytes are not UTF-8, which no host sends.
    #[inline]
    #[must_use]
    pub fn as_str(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }
}

impl PartialEq<str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

/// The row is the position of the bytes and their count.
impl Packed for String {
    const SIZE: usize = 8;
    const SHAPE: &'static Shape = &Shape::Text;

    type View<'a> = Text<'a>;

    #[inline]
    fn write(&self, writer: &mut Writer, at: usize) {
        writer.text(at, self);
    }

    #[inline]
    fn read(position: Position<'_>) -> Text<'_> {
        Text(position.pointed())
    }

    fn unpack(view: Text<'_>) -> Self {
        view.as_str().to_owned()
    }
}
