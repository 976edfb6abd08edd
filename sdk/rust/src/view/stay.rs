//! Values of tests that are viewed.

use wardline_event::packed::{Owned, Packed, Place};

/// Packs a value that a test looks at, and leaves it in memory: a view says of what it
/// was made only that it lives as long, and the bytes have to be somewhere.
pub(super) fn packed<T: Packed + 'static>(stored: &T) -> T::View<'static> {
    match Owned::of(stored) {
        Ok(owned) => Box::leak(Box::new(owned)).view(),
        Err(_) => T::read(Place::start(&[])),
    }
}
