//! JSON values, however they were read.
//!
//! Facts are read from a [`Json`], so that the rules for them stand once: the fast reader
//! gives [`Node`]s, `serde_json` its values.

mod number;
mod text;
mod tree;
mod value;

pub(super) use tree::{Node, Tree};
pub(super) use value::Parsed;

use std::borrow::Cow;

/// A JSON value, or none at all, which is what every question about something of another
/// kind answers.
///
/// Of a key that comes twice the last counts.
pub(super) trait Json<'v>: Copy {
    /// No value.
    fn absent() -> Self;

    /// The member of an object.
    fn get(self, key: &str) -> Self;

    fn text(self) -> Option<Cow<'v, str>>;

    fn boolean(self) -> Option<bool>;

    /// A number that has no fraction and fits.
    fn integer(self) -> Option<i64>;

    /// A number as `serde_json` writes it.
    fn number(self) -> Option<String>;

    fn is_null(self) -> bool;

    fn is_object(self) -> bool;

    fn is_list(self) -> bool;

    /// Of a list.
    fn items(self) -> impl Iterator<Item = Self>;

    /// Of an object, in the order of the keys.
    fn members(self) -> impl Iterator<Item = (Cow<'v, str>, Self)>;

    /// The value as JSON without blanks, the keys of objects in order.
    fn json(self) -> String;
}
