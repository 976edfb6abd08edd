//! A write-ahead log of request bodies on disk.
//!
//! A body is acknowledged once it is in a flushed file (`fdatasync`), and stays there until the
//! consumer reports it as processed. All bodies that arrive during a flush share the next one.
//!
//! This is our own code because, storage engines aside, we found no crate that shares flushes,
//! loses at most one record to damage, and frees space as it is read.

mod reader;
mod record;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

pub use reader::{LogItem, LogReader};
pub use record::{LogEntry, LogRecord};
pub use writer::{AppendError, Appender};

use wardline_telemetry::WebhookTelemetry;

use crate::{Operation, SourceError};

/// The size at which a new file is begun, in bytes, unless a sixteenth of the limit is less:
/// space is freed in whole files.
const SEGMENT: u64 = 64 * 1024 * 1024;

/// An open log.
pub struct BodyLog {
    /// Adds bodies, from any thread.
    pub appender: Appender,
    /// Reads them.
    pub reader: LogReader,
    /// The writing thread, which ends once all clones of `appender` are dropped.
    pub writer: JoinHandle<()>,
}

/// The state that appender, reader, and writer share.
struct SharedLog {
    directory: PathBuf,
    /// The limit on the size of all files, in bytes.
    limit: u64,
    state: Mutex<LogState>,
    arrived: Condvar,
    /// Whether the last write failed.
    failing: AtomicBool,
    telemetry: WebhookTelemetry,
}

struct LogState {
    /// The flushed bytes of each file, by the number of its first record.
    segments: BTreeMap<u64, u64>,
    /// The number of the next record.
    next: u64,
    /// The size of the records that are being written, in bytes.
    reserved: u64,
}

impl BodyLog {
    /// Opens the log in a directory, which is created if it is missing. `limit` is in bytes;
    /// `next` is the number of the first record that is not processed, if known.
    ///
    /// # Errors
    /// Returns [`SourceError`] if the directory cannot be used.
    pub fn open(
        directory: &Path,
        limit: u64,
        next: Option<u64>,
        telemetry: WebhookTelemetry,
    ) -> Result<Self, SourceError> {
        let fail = |operation| move |error| SourceError::io(directory, operation, error);
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(fail(Operation::Open))?;
        let found = segment::list(directory).map_err(fail(Operation::List))?;
        let mut segments: BTreeMap<u64, u64> = found.into_iter().collect();
        let oldest = segments.keys().next().copied();
        let mut end = 1;
        if let Some(mut newest) = segments.last_entry() {
            let path = segment::path(directory, *newest.key());
            let (last, length) = segment::cut_tail(&path)
                .map_err(|error| SourceError::io(&path, Operation::Read, error))?;
            end = last.map_or(*newest.key(), |last| last + 1);
            newest.insert(length);
        }
        let next = next.or(oldest).unwrap_or(1);
        let shared = Arc::new(SharedLog {
            directory: directory.to_owned(),
            limit,
            state: Mutex::new(LogState {
                segments,
                next: end.max(next),
                reserved: 0,
            }),
            arrived: Condvar::new(),
            failing: AtomicBool::new(false),
            telemetry,
        });
        shared.show();
        let reader = LogReader::new(Arc::clone(&shared), next);
        let (appender, writer) = writer::start(shared)
            .map_err(|error| SourceError::io(directory, Operation::Write, error))?;
        Ok(Self {
            appender,
            reader,
            writer,
        })
    }
}

impl SharedLog {
    fn state(&self) -> MutexGuard<'_, LogState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn segment_bytes(&self) -> u64 {
        SEGMENT.min(self.limit / 16)
    }

    fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    fn show(&self) {
        self.telemetry.queued(self.state().used());
    }
}

impl LogState {
    /// Returns the bytes on disk, including those reserved for records being written.
    fn used(&self) -> u64 {
        self.segments.values().sum::<u64>() + self.reserved
    }
}
