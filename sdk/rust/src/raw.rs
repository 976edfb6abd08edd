//! The event as its source wrote it, for the rare field that has no fact.

use crate::calls;
use crate::view::Referenced;

pub use crate::contract::RawError;

/// The JSON text of the value at a JSON pointer (RFC 6901), such as
/// `/requestObject/spec/template`, or none if there is no such value.
///
/// # Errors
/// If the text is no pointer, or the value is larger than the host allows.
pub fn json(event: impl Referenced, pointer: &str) -> Result<Option<String>, RawError> {
    calls::raw_json(event.reference().number(), pointer)
}
