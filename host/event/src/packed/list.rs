use std::fmt;
use std::marker::PhantomData;

use super::{Packed, Position, Shape, Text, Writer};

/// A list in packed bytes, as an iterator over the views of its items.
pub struct Rows<'a, T> {
    position: Position<'a>,
    next: usize,
    end: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<'a, T: Packed> Rows<'a, T> {
    fn row(&self, at: usize) -> T::View<'a> {
        T::read(self.position.to(at))
    }
}

impl<'a, T: Packed> Iterator for Rows<'a, T> {
    type Item = T::View<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next;
        (at < self.end).then(|| {
            self.next = at.wrapping_add(T::SIZE);
            self.row(at)
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.end.saturating_sub(self.next) / T::SIZE;
        (count, Some(count))
    }
}

impl<T: Packed> DoubleEndedIterator for Rows<'_, T> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        (self.next < self.end).then(|| {
            self.end = self.end.wrapping_sub(T::SIZE);
            self.row(self.end)
        })
    }
}

impl<T: Packed> ExactSizeIterator for Rows<'_, T> {}

impl<'a, T: Packed> fmt::Debug for Rows<'a, T>
where
    T::View<'a>: fmt::Debug,
{
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.clone()).finish()
    }
}

impl Rows<'_, String> {
    /// Whether the list contains this text.
    #[must_use]
    pub fn contain(&self, text: &str) -> bool {
        self.clone().any(|item: Text<'_>| item == *text)
    }
}

/// The row is the position of the items and their count.
impl<T: Packed> Packed for Vec<T> {
    const SIZE: usize = 8;
    const SHAPE: &'static Shape = &Shape::List(T::SHAPE, T::SIZE);

    type View<'a> = Rows<'a, T>;

    fn write(&self, writer: &mut Writer, at: usize) {
        let mut row = writer.rows(at, self.len(), T::SIZE);
        for item in self {
            item.write(writer, row);
            row = row.saturating_add(T::SIZE);
        }
    }

    #[inline]
    fn read(position: Position<'_>) -> Self::View<'_> {
        let (next, end) = position.pointed_rows(T::SIZE);
        Rows {
            position,
            next,
            end,
            of: PhantomData,
        }
    }

    fn unpack(view: Self::View<'_>) -> Self {
        view.map(T::unpack).collect()
    }
}
