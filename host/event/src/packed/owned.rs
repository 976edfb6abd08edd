use std::marker::PhantomData;

use super::{Packed, Place, TooLarge, pack};

/// A value, packed: what a view of a value that came otherwise is a view of.
#[derive(Debug)]
pub struct Owned<T> {
    bytes: Vec<u8>,
    of: PhantomData<fn() -> T>,
}

impl<T: Packed> Owned<T> {
    /// Packs a value.
    ///
    /// # Errors
    /// As [`pack`].
    pub fn of(value: &T) -> Result<Self, TooLarge> {
        Ok(Self {
            bytes: pack(value)?,
            of: PhantomData,
        })
    }

    /// What it says.
    #[must_use]
    pub fn view(&self) -> T::View<'_> {
        T::read(Place::start(&self.bytes))
    }
}

/// What nothing is packed to: all of it is empty.
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

/// The same values are packed to the same bytes.
impl<T> PartialEq for Owned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
