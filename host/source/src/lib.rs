//! Where events come from: files that are read once, files that are followed, and a webhook.
//!
//! Bytes go in, lines come out; nothing here knows an event's fields. A source is
//! pulled, so that a slow reader slows it down instead of filling memory, and what
//! it gives carries a checkpoint that its owner stores once the lines are dealt
//! with.

mod document;
mod error;
mod follow;
mod line;
mod list;
mod merged;
mod scan;
mod unpack;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use error::{Operation, SourceError};
pub use follow::{CheckpointError, Follow, Start};
pub use line::{HEAD_BYTES, Limits};
pub use merged::Merged;
pub use scan::ScanSource;
pub use webhook::{
    TlsFiles, Webhook, WebhookCheckpoint, WebhookError, WebhookLimits, WebhookSettings,
};

/// What is wrong with a line that is given all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// Longer than its limit: only its first [`HEAD_BYTES`] bytes are given.
    TooLong,
}

/// One line, or one document that takes several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// Its bytes without the newline. They share memory with the lines around it.
    pub bytes: Bytes,
    /// The name of its source.
    pub source: Arc<str>,
    /// Its number, or that of a document's first line, from 1 where the host began to
    /// read. Of a followed file it goes on over rotations and restarts. Of a webhook, which
    /// body it is of all that were received.
    pub line: u64,
    /// What is wrong with it.
    pub defect: Option<Defect>,
}

impl RawLine {
    fn of(line: line::Line, source: &Arc<str>, number: u64) -> Self {
        Self {
            bytes: line.bytes,
            source: Arc::clone(source),
            line: number,
            defect: line.too_long.then_some(Defect::TooLong),
        }
    }
}

/// What a source gives at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines in their order, blank ones left out.
    pub lines: Vec<RawLine>,
    /// Bytes that they took after unpacking.
    pub bytes: u64,
    /// For each source's name, where to go on after a restart: true once all lines of
    /// this chunk and of those before are dealt with.
    pub checkpoints: Vec<(String, Vec<u8>)>,
    /// Places where lines may be missing, in words: a rotated file that is gone.
    pub gaps: Vec<String>,
    /// Bytes of memory that the lines will take, about: what is packed in them takes more
    /// than they do.
    weight: u64,
}

impl Chunk {
    fn has_room(&self, max_lines: usize, max_bytes: usize) -> bool {
        self.lines.len() < max_lines && self.bytes.max(self.weight) < max_bytes as u64
    }
}

/// Gives lines when asked.
pub trait Source: Send {
    /// At most `max_lines` lines; none is begun after `max_bytes` bytes. Waits at most
    /// `wait` for the first; a chunk without lines says that there are none now.
    /// `None`: it has ended.
    ///
    /// # Errors
    /// Where it cannot be read. All lines before that place have been given. A
    /// followed file may be asked again.
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError>;

    /// These checkpoints, of this source or others, are stored: what lies before them will
    /// not be asked for again.
    fn stored(&mut self, _checkpoints: &[(String, Vec<u8>)]) {}
}
