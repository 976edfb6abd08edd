//! Events as bytes that are read in place (`wit/PACKED.md`).
//!
//! The host packs an event once, for any number of detectors, and copies the bytes
//! into the batch of each; a detector reads only the fields that it needs. The macros
//! that define the structs of [`crate::model`] also define the layout, so that no field
//! can be missing from it.
//!
//! Reading never panics and never reads outside the bytes: a position outside them is
//! read as empty text, an empty list, or the first case.

#[macro_use]
mod enumeration;
#[macro_use]
mod record;
#[macro_use]
mod variant;

mod batch;
mod list;
mod owned;
mod position;
mod scalar;
mod shape;
mod text;
mod write;

pub use batch::{Event, Events, NotABatch, VERSION, assemble};
pub use list::Rows;
pub use owned::Owned;
pub use position::Position;
pub use record::Row;
pub use shape::Shape;
pub use text::Text;
pub use write::{TooLarge, Writer, pack, pack_into};

/// A type that can be packed: the type of every field of an event implements it.
pub trait Packed: Sized {
    /// The size of its row in bytes, without padding. The row is part of the row of a
    /// record, or an item of a list.
    const SIZE: usize;

    /// The layout of the row.
    const SHAPE: &'static Shape;

    /// The type that a reader gets.
    type View<'a>: Clone;

    /// Writes the row at a position that was reserved for it, and appends data that does
    /// not fit into the row.
    fn write(&self, writer: &mut Writer, at: usize);

    /// Reads the row at a position.
    fn read(position: Position<'_>) -> Self::View<'_>;

    /// Builds the value from a view of it.
    fn unpack(view: Self::View<'_>) -> Self;
}
