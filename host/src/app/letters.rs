//! Events that are kept because they were rejected or not judged.

use std::path::{Path, PathBuf};

use wardline_detect::NotJudged;
use wardline_sink::{DeadLetter, DeadLetters};

use super::observe::skip_reason;
use crate::pipeline::{Processed, Rejection};

/// Maximum size in bytes of an event that is kept because it was not judged.
const MAX_EVENT_BYTES: usize = 64 * 1024;

/// The dead-letter file of a host, which works on if it cannot be written.
pub(super) struct Letters {
    path: PathBuf,
    limit: u64,
    /// Opened by the first event.
    file: Option<DeadLetters>,
    is_failing: bool,
}

impl Letters {
    /// Creates the value; the file is opened by the first event. `limit` is in bytes.
    pub fn new(path: &Path, limit: u64) -> Self {
        Self {
            path: path.to_owned(),
            limit,
            file: None,
            is_failing: false,
        }
    }

    /// Keeps events that were rejected or not judged. The first of several failures in a row is
    /// logged; the events are counted in any case.
    pub fn keep(&mut self, processed: &Processed) {
        if processed.rejected.is_empty() && processed.not_judged.is_empty() {
            return;
        }
        match self.write(processed) {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                if !std::mem::replace(&mut self.is_failing, true) {
                    let path = self.path.display();
                    tracing::error!("cannot write the dead-letter file {path}: {error}");
                }
            }
        }
    }

    fn write(&mut self, processed: &Processed) -> std::io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => DeadLetters::open(&self.path, self.limit)?,
        };
        let written = write_dead_letters(&mut file, processed);
        self.file = Some(file);
        written
    }
}

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
