//! Events that are kept because they were rejected or not judged.

use wardline_detect::NotJudged;
use wardline_sink::{DeadLetter, DeadLetters};

use super::observe::skip_reason;
use crate::pipeline::{Processed, Rejection};

/// Maximum size in bytes of an event that is kept because it was not judged.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// Writes events that were rejected or not judged to the dead-letter file.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub fn write_dead_letters(letters: &mut DeadLetters, processed: &Processed) -> std::io::Result<()> {
    for rejection in &processed.rejected {
        letters.write(&rejected(
            rejection,
            &String::from_utf8_lossy(&rejection.bytes),
        ))?;
    }
    for skipped in &processed.not_judged {
        letters.write(&unjudged(skipped, &skip_reason(&skipped.skip)))?;
    }
    Ok(())
}

fn rejected<'a>(rejection: &'a Rejection, text: &'a str) -> DeadLetter<'a> {
    DeadLetter {
        reason: rejection.reason.as_str(),
        detail: &rejection.detail,
        detector: None,
        source: &rejection.origin.source,
        line: rejection.origin.line,
        event: text,
    }
}

fn unjudged<'a>(skipped: &'a NotJudged, detail: &'a str) -> DeadLetter<'a> {
    let raw = skipped.record.raw_text();
    let end = (0..=MAX_EVENT_BYTES.min(raw.len()))
        .rev()
        .find(|at| raw.is_char_boundary(*at))
        .unwrap_or_default();
    DeadLetter {
        reason: skipped.skip.as_str(),
        detail,
        detector: Some(skipped.detector.name()),
        source: &skipped.record.origin.source,
        line: skipped.record.origin.line,
        event: raw.get(..end).unwrap_or_default(),
    }
}
