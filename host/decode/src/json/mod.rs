//! JSON values, independent of the parser.
//!
//! Facts are read from a [`Json`], so that the rules exist once: the fast reader provides
//! [`Node`]s, `serde_json` its values.

mod number;
mod text;
mod tree;
mod value;

pub(super) use number::is_number;
pub(super) use text::surrogate;
pub(super) use tree::{Node, Tree};
pub(super) use value::Parsed;

use std::borrow::Cow;

/// A JSON value, or the absence of one. A method for another type than the value's returns
/// none.
///
/// If a key occurs twice, the last value counts.
pub(super) trait Json<'v>: Copy {
    /// No value.
    fn absent() -> Self;

    /// The member of an object.
    fn get(self, key: &str) -> Self;

    fn text(self) -> Option<Cow<'v, str>>;

    fn boolean(self) -> Option<bool>;

    /// A number without a fraction that fits.
    fn integer(self) -> Option<i64>;

    /// A number as `serde_json` writes it.
    fn number(self) -> Option<String>;

    fn is_null(self) -> bool;

    fn is_object(self) -> bool;

    fn is_list(self) -> bool;

    /// The items of a list.
    fn items(self) -> impl Iterator<Item = Self>;

    /// The members of an object, ordered by key.
    fn members(self) -> impl Iterator<Item = (Cow<'v, str>, Self)>;

    /// The value as JSON without white space, with objects ordered by key.
    fn json(self) -> String;
}
