//! A write-ahead log of bodies, on disk.
//!
//! A body is acknowledged once it is in a file that was flushed (`fdatasync`), and is there
//! until its owner says that it is dealt with. Whoever waits for a flush shares the next one
//! with all who came meanwhile. Own code, since storage engines aside no crate was found that
//! shares flushes, loses no more than one record to damage, and gives space back as it is read.

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

pub use reader::{Read, Reader};
pub use record::{Entry, Record};
pub use writer::{Appender, Refusal};

use wardline_telemetry::WebhookMetrics;

use crate::{Operation, SourceError};

/// A new file is begun after this many bytes, or a sixteenth of the limit if that is less:
/// space comes back in whole files.
const SEGMENT: u64 = 64 * 1024 * 1024;

/// A log that was opened.
pub struct Log {
    /// Where bodies are added, from any thread.
    pub appender: Appender,
    /// Where they are read again.
    pub reader: Reader,
    /// Ends once all clones of `appender` are dropped.
    pub writer: JoinHandle<()>,
}

/// What the two ends share.
struct Shared {
    directory: PathBuf,
    /// Bytes of all files.
    limit: u64,
    state: Mutex<State>,
    arrived: Condvar,
    /// Whether the last write failed.
    failing: AtomicBool,
    metrics: WebhookMetrics,
}

struct State {
    /// For each file, by the number of its first record, its flushed bytes.
    segments: BTreeMap<u64, u64>,
    /// The number of the next record.
    next: u64,
    /// Bytes of records that are being written.
    reserved: u64,
}

impl Log {
    /// Opens the log in a directory, which is made if it is missing. `limit` is in bytes.
    /// `next` is the number of the first record that is not dealt with, if that is known.
    ///
    /// # Errors
    /// Where the directory cannot be used.
    pub fn open(
        directory: &Path,
        limit: u64,
        next: Option<u64>,
        metrics: WebhookMetrics,
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
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            limit,
            state: Mutex::new(State {
                segments,
                next: end.max(next),
                reserved: 0,
            }),
            arrived: Condvar::new(),
            failing: AtomicBool::new(false),
            metrics,
        });
        shared.show();
        let reader = Reader::new(Arc::clone(&shared), next);
        let (appender, writer) = writer::start(shared)
            .map_err(|error| SourceError::io(directory, Operation::Write, error))?;
        Ok(Self {
            appender,
            reader,
            writer,
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn segment_bytes(&self) -> u64 {
        SEGMENT.min(self.limit / 16)
    }

    fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    fn show(&self) {
        self.metrics.queued(self.state().used());
    }
}

impl State {
    /// Bytes on disk, and such as will be.
    fn used(&self) -> u64 {
        self.segments.values().sum::<u64>() + self.reserved
    }
}
