//! Packed values for tests.

use wardline_event::packed::{Owned, Packed, Position};

/// Packs a test's value and leaks the bytes: a view borrows from packed bytes, which the caller's
/// value does not have.
pub(super) fn packed<T: Packed + 'static>(stored: &T) -> T::View<'static> {
    match Owned::of(stored) {
        Ok(owned) => Box::leak(Box::new(owned)).view(),
        Err(_) => T::read(Position::start(&[])),
    }
}
