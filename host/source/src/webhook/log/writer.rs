//! Appends bodies, and flushes those that arrive together with one call.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use tokio::sync::oneshot;

use super::record::LogEntry;
use super::{SharedLog, segment};

/// How many bytes are written at once, not counting the body that exceeds it.
const MAX_WRITE_BYTES: usize = 4 * 1024 * 1024;

/// How often a failing disk is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// A body was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The queue has no space until earlier bodies are processed.
    #[error("the queue on disk is full")]
    Full,
    /// The disk failed, or the log is closed.
    #[error("cannot write the queue on disk")]
    Failed,
}

struct AppendRequest {
    entry: LogEntry,
    done: oneshot::Sender<Result<(), AppendError>>,
}

/// Adds bodies to a log. Clones add to the same log.
#[derive(Clone)]
pub struct Appender {
    shared: Arc<SharedLog>,
    // Unbounded, but every sender waits for its result: at most one request per sender is
    // queued.
    requests: Sender<AppendRequest>,
}

impl Appender {
    /// Stores a body. On success, the body is on disk.
    ///
    /// # Errors
    /// Returns [`AppendError::Full`] if there is no space, and [`AppendError::Failed`] if the disk
    /// fails. In the latter case the body may still have been stored.
    pub async fn append(&self, entry: LogEntry) -> Result<(), AppendError> {
        let length = entry.stored_length();
        {
            let mut state = self.shared.state();
            if state.used() + length > self.shared.limit {
                return Err(AppendError::Full);
            }
            state.reserved += length;
        }
        let (done, answer) = oneshot::channel();
        if self.requests.send(AppendRequest { entry, done }).is_err() {
            self.shared.state().reserved -= length;
            return Err(AppendError::Failed);
        }
        answer.await.unwrap_or(Err(AppendError::Failed))
    }

    /// Checks whether a body of `length` bytes could be stored.
    ///
    /// # Errors
    /// Returns [`AppendError::Failed`] if the last write failed, and [`AppendError::Full`] if there is
    /// no space.
    pub fn check(&self, length: u64) -> Result<(), AppendError> {
        if self.shared.is_failing() {
            return Err(AppendError::Failed);
        }
        if self.shared.state().used() + length > self.shared.limit {
            return Err(AppendError::Full);
        }
        Ok(())
    }
}

pub(super) fn start(shared: Arc<SharedLog>) -> io::Result<(Appender, JoinHandle<()>)> {
    let (requests, received) = unbounded();
    let mut writer = LogWriter {
        shared: Arc::clone(&shared),
        segment: None,
        buffer: Vec::new(),
    };
    let thread = std::thread::Builder::new()
        .name("wardline-queue".into())
        .spawn(move || writer.work(&received))?;
    Ok((Appender { shared, requests }, thread))
}

/// The file being written.
struct OpenSegment {
    first: u64,
    file: File,
    length: u64,
}

struct LogWriter {
    shared: Arc<SharedLog>,
    segment: Option<OpenSegment>,
    buffer: Vec<u8>,
}

impl LogWriter {
    fn work(&mut self, requests: &Receiver<AppendRequest>) {
        while let Some(first) = self.next(requests) {
            let mut bytes = first.entry.body.len();
            let mut batch = vec![first];
            while bytes < MAX_WRITE_BYTES
                && let Ok(request) = requests.try_recv()
            {
                bytes += request.entry.body.len();
                batch.push(request);
            }
            let result = self.store(&batch);
            let answer = if result.is_ok() {
                Ok(())
            } else {
                Err(AppendError::Failed)
            };
            self.log_transition(result);
            for request in batch {
                // A sender that has disconnected sends the body again.
                let _ = request.done.send(answer.clone());
            }
            self.buffer.shrink_to(MAX_WRITE_BYTES);
        }
    }

    /// Waits for a request, or returns `None` if there will be none. Meanwhile tries a failing
    /// disk again, since senders may stay away until the health check succeeds.
    fn next(&mut self, requests: &Receiver<AppendRequest>) -> Option<AppendRequest> {
        loop {
            if !self.shared.is_failing() {
                return requests.recv().ok();
            }
            match requests.recv_timeout(RETRY_INTERVAL) {
                Ok(request) => return Some(request),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let next = self.shared.state().next;
                    let result = self.take_segment(next);
                    let result = result.map(|segment| self.segment = Some(segment));
                    self.log_transition(result);
                }
            }
        }
    }

    /// Logs that the disk fails, or works again.
    fn log_transition(&self, result: io::Result<()>) {
        let failed = result.is_err();
        if self.shared.failing.swap(failed, Ordering::Relaxed) == failed {
            return;
        }
        match result {
            Ok(()) => tracing::info!("the queue on disk is writable again"),
            Err(error) => tracing::error!(
                directory = %self.shared.directory.display(),
                "cannot write the queue on disk, asking senders to retry: {error}"
            ),
        }
    }

    /// Writes and flushes, and releases the reserved space in any case.
    fn store(&mut self, batch: &[AppendRequest]) -> io::Result<()> {
        let result = self.write(batch);
        let reserved: u64 = batch
            .iter()
            .map(|request| request.entry.stored_length())
            .sum();
        {
            let mut state = self.shared.state();
            state.reserved -= reserved;
            if let (Ok(()), Some(segment)) = (&result, &self.segment) {
                state.segments.insert(segment.first, segment.length);
                state.next += batch.len() as u64;
            }
        }
        self.shared.arrived.notify_all();
        self.shared.show();
        result
    }

    fn write(&mut self, batch: &[AppendRequest]) -> io::Result<()> {
        let next = self.shared.state().next;
        self.buffer.clear();
        for (number, request) in (next..).zip(batch) {
            if !request.entry.encode(number, &mut self.buffer) {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        let mut segment = self.take_segment(next)?;
        let written = segment
            .file
            .write_all(&self.buffer)
            .and_then(|()| segment.file.sync_data());
        if let Err(error) = written {
            // Data whose flush failed may or may not be on disk. The file is not written any
            // more, and is truncated to its acknowledged records if possible.
            let _ = segment.file.set_len(segment.length);
            return Err(error);
        }
        segment.length += self.buffer.len() as u64;
        self.segment = Some(segment);
        self.shared
            .telemetry
            .stored(batch.len() as u64, self.buffer.len() as u64);
        Ok(())
    }

    /// Returns the file for the record `next`: the current one if it is not full, or a new one.
    fn take_segment(&mut self, next: u64) -> io::Result<OpenSegment> {
        match self.segment.take() {
            Some(segment) if segment.length < self.shared.segment_bytes() => Ok(segment),
            _ => Ok(OpenSegment {
                first: next,
                file: segment::create(&self.shared.directory, next)?,
                length: 0,
            }),
        }
    }
}
