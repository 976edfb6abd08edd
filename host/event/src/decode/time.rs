//! Times as the API server writes them.

use crate::model::Timestamp;

/// Nanoseconds of an RFC 3339 time. Zero for no text; none for a text that is no
/// time, or one before 1970.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return Some(0);
    }
    let time: jiff::Timestamp = text.parse().ok()?;
    u64::try_from(time.as_nanosecond()).ok()
}
