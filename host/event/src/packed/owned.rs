use std::marker::PhantomData;

use super::{Packed, Position, TooLarge, pack};

/// A packed value with its bytes, for views of values that did not arrive packed.
#[derive(Debug)]
pub struct Owned<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T: Packed> Owned<T> {
    /// Packs a value.
    ///
    /// # Errors
    /// Returns [`TooLarge`] if the packed value exceeds 4 GiB.
    pub fn of(value: &T) -> Result<Self, TooLarge> {
        Ok(Self {
            bytes: pack(value)?,
            of: PhantomData,
        })
    }

    /// A view of the value.
    #[must_use]
    pub fn view(&self) -> T::View<'_> {
        T::read(Position::start(&self.bytes))
    }
}

/// Without bytes: every field of the view is empty.
impl<T> Default for Owned<T> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            of: PhantomData,
        }
    }
}

impl<T> Clone for Owned<T> {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            of: PhantomData,
        }
    }
}

/// Comparing the bytes is enough, since equal values are packed to equal bytes.
impl<T> PartialEq for Owned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
