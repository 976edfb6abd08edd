//! Sources of events: files that are read once, files that are followed, standard input, and the
//! audit webhook.
//!
//! A source turns bytes into lines. It knows of an event only the keys that distinguish a list
//! or an envelope. Sources are pulled, so that a slow consumer slows them down
//! instead of filling memory, and a chunk carries the checkpoints that its consumer stores once
//! the lines are processed.

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "tests read their own files")
)]

mod archive;
mod by_time;
mod document;
mod error;
mod follow;
mod line;
mod list;
mod merged;
mod partial;
mod reached;
mod scan;
mod state;
mod stdin;
mod unpack;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use by_time::ByTime;
pub use error::{Operation, SourceError};
pub use follow::{CheckpointError, Follow, Start};
pub use line::{KEPT_BYTES, Limits};
pub use merged::Merged;
pub use reached::Reached;
pub use scan::ScanSource;
pub use state::{QueueState, SourceState};
pub use stdin::Stdin;
pub use webhook::{
    TlsFiles, Webhook, WebhookCheckpoint, WebhookError, WebhookLimits, WebhookSettings,
    certificate_end,
};

/// A defect of a line that is delivered nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// The line exceeds its limit; only its first bytes are delivered, as many as an
    /// event may have, or [`KEPT_BYTES`].
    TooLong,
}

/// One line, or one document over several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// The bytes without the newline. They share memory with neighboring lines.
    pub bytes: Bytes,
    /// The name of the source.
    pub source: Arc<str>,
    /// The cluster of events that name none themselves; may be empty.
    pub cluster: Arc<str>,
    /// The number of the line, or of a document's first line, from 1 where the host began to
    /// read. For a followed file it continues over rotations and restarts; for a webhook it
    /// counts all bodies received.
    pub line: u64,
    /// The defect of the line, if it has one.
    pub defect: Option<Defect>,
}

impl RawLine {
    fn of(line: line::Line, source: &Arc<str>, cluster: &Arc<str>, number: u64) -> Self {
        Self {
            bytes: line.bytes,
            source: Arc::clone(source),
            cluster: Arc::clone(cluster),
            line: number,
            defect: line.too_long.then_some(Defect::TooLong),
        }
    }
}

/// The lines that a source delivers together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The lines in order, without blank ones.
    pub lines: Vec<RawLine>,
    /// The size of the lines after decompression, in bytes.
    pub bytes: u64,
    /// For each source by name, the position after a restart; valid once all lines of this
    /// chunk and of earlier ones are processed.
    pub checkpoints: Vec<(String, Vec<u8>)>,
    /// Descriptions of gaps where lines may be missing, such as a rotated file that was
    /// removed.
    pub gaps: Vec<String>,
    /// The estimated memory that the lines will take, in bytes: compressed data in them takes
    /// more than its own size.
    weight: u64,
}

impl Chunk {
    /// Adds a unit, unless it is blank.
    fn add(&mut self, unit: document::Frame, name: &Arc<str>, cluster: &Arc<str>) {
        self.bytes += unit.line.length;
        self.weight += unit.line.weight();
        if !unit.line.is_blank() {
            let line = RawLine::of(unit.line, name, cluster, unit.number);
            self.lines.push(line);
        }
    }

    fn has_room(&self, max_lines: usize, max_bytes: usize) -> bool {
        self.lines.len() < max_lines && self.bytes.max(self.weight) < max_bytes as u64
    }
}

/// Delivers lines on request.
pub trait Source: Send {
    /// Returns at most `max_lines` lines, and begins none after `max_bytes` bytes.
    ///
    /// Waits at most `wait` for the first line. A chunk without lines means that there are none
    /// at present, and `None` that the source has ended.
    ///
    /// # Errors
    /// Returns [`SourceError`] if the source cannot be read. All lines before that position
    /// have been delivered. A followed file may be polled again.
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError>;

    /// Reports that these checkpoints, of this source or others, are stored: nothing before
    /// them will be requested again.
    fn stored(&mut self, _checkpoints: &[(String, Vec<u8>)]) {}

    /// Returns the state of each source in this one, as of the last call of [`Source::next`].
    fn states(&self) -> Vec<SourceState> {
        Vec::new()
    }
}
