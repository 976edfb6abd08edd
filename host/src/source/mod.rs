//! Where events come from.
//!
//! Bytes go in, lines come out; nothing here knows an event's fields. A source is
//! pulled, so that a slow reader slows it down instead of filling memory.

mod error;
mod scan;

use std::sync::Arc;
use std::time::Duration;

pub use error::SourceError;
pub use scan::ScanSource;

/// What is wrong with a line that is given all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Longer than its limit: only its beginning is given.
    TooLong,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// Its bytes without the newline.
    pub bytes: Vec<u8>,
    /// The name of its source.
    pub source: Arc<str>,
    /// Its number, from 1 where the host began to read.
    pub line: u64,
    /// What is wrong with it.
    pub defect: Option<Defect>,
}

/// What a source gives at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines in their order, blank ones left out.
    pub lines: Vec<RawLine>,
    /// Bytes that they took after unpacking.
    pub bytes: u64,
}

/// Gives lines when asked.
pub trait Source: Send {
    /// At most `max_lines` lines; none is begun after `max_bytes` bytes. Waits at most
    /// `wait` for the first. `None`: it has ended.
    ///
    /// # Errors
    /// Where it cannot be read. All lines before that place have been given.
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError>;
}
