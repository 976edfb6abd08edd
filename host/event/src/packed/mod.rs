//! Events as bytes that are read where they lie (`wit/PACKED.md`).
//!
//! A host packs an event once, whatever number of detectors it goes to, and copies
//! the bytes into the batch of each; a detector reads of them what it looks at and
//! nothing else. The layout is made of the very structs of [`crate::model`], by the
//! macros that define them, so that there is no field of theirs that is not packed.
//!
//! Reading never panics and never leaves the bytes that it was given: what points
//! out of them is read as empty text, an empty list, or the first case.

#[macro_use]
mod enumeration;
#[macro_use]
mod record;
#[macro_use]
mod variant;

mod batch;
mod list;
mod owned;
mod place;
mod scalar;
mod shape;
mod text;
mod write;

pub use batch::{Event, Events, NotABatch, VERSION, assemble};
pub use list::Rows;
pub use owned::Owned;
pub use place::Place;
pub use record::Row;
pub use shape::Shape;
pub use text::Text;
pub use write::{TooLarge, Writer, pack, pack_into};

/// What can be packed: every type of a field of an event.
pub trait Packed: Sized {
    /// The bytes of its row: what stands in the row of the record that it is a field
    /// of, or in a list, with no padding.
    const SIZE: usize;

    /// How the row is laid out.
    const SHAPE: &'static Shape;

    /// What a reader gets.
    type View<'a>: Clone;

    /// Writes the row at a position that was reserved for it, and what does not fit
    /// into it at the end.
    fn write(&self, writer: &mut Writer, at: usize);

    /// Reads the row at a place.
    fn read(place: Place<'_>) -> Self::View<'_>;

    /// The value that was packed.
    fn unpack(view: Self::View<'_>) -> Self;
}
