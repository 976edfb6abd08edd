//! The JSON of an event as its source wrote it, for the rare field that is not a fact.

use crate::calls;
use crate::view::Referenced;

pub use crate::contract::RawError;

/// Returns the JSON text of the value at a JSON pointer (RFC 6901), such as
/// `/requestObject/spec/template`, or none if there is no such value.
///
/// # Errors
/// Returns [`RawError::InvalidPointer`] if the text is not a JSON pointer, [`RawError::TooLarge`]
/// if the value is larger than the host allows, and [`RawError::UnknownEvent`] if the event is not
/// in the current batch.
pub fn json(event: impl Referenced, pointer: &str) -> Result<Option<String>, RawError> {
    calls::raw_json(event.reference().number(), pointer)
}
