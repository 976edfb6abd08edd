//! Reads bodies in the order in which they were stored.

use std::fs::File;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::record::LogRecord;
use super::segment::{self, SegmentItem};
use super::{Operation, SharedLog, SourceError};
use crate::QueueState;

/// The next item of the log.
#[derive(Debug, PartialEq, Eq)]
pub enum LogItem {
    /// A body.
    Record(LogRecord),
    /// A description of a gap where bodies may be missing.
    Gap(String),
}

/// The file being read and the position in it.
struct SegmentPosition {
    first: u64,
    file: File,
    offset: u64,
}

/// The limits of the file being read.
struct SegmentBounds {
    /// The flushed bytes of the file.
    end: u64,
    /// The number of the first record of the next file.
    following: Option<u64>,
    /// The number of the first record that cannot be in this file.
    bound: u64,
}

/// The reading end of a log.
pub struct LogReader {
    shared: Arc<SharedLog>,
    position: Option<SegmentPosition>,
    /// The number of the next record to deliver.
    next: u64,
}

impl LogReader {
    pub(super) fn new(shared: Arc<SharedLog>, next: u64) -> Self {
        Self {
            shared,
            position: None,
            next,
        }
    }

    /// Returns the number of the next record to deliver, which is the position after a restart.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// Returns whether the last write failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.shared.is_failing()
    }

    /// Returns the size of the queue.
    #[must_use]
    pub fn queue(&self) -> QueueState {
        let state = self.shared.state();
        QueueState {
            bytes: state.used(),
            limit: self.shared.limit,
            waiting: state.next.saturating_sub(self.next),
        }
    }

    /// Returns the next flushed record, or `None` if there is none at present.
    ///
    /// # Errors
    /// Returns [`SourceError`] if a file cannot be read; the call may be repeated.
    pub fn read(&mut self) -> Result<Option<LogItem>, SourceError> {
        loop {
            let Some(position) = &mut self.position else {
                let Some(first) = self.first_to_read() else {
                    return Ok(None);
                };
                match self.open_segment(first)? {
                    Some(gap) => return Ok(Some(gap)),
                    None => continue,
                }
            };
            let Some(bounds) = bounds(&self.shared, position.first) else {
                self.position = None;
                continue;
            };
            if position.offset >= bounds.end {
                let Some(following) = bounds.following else {
                    self.next = self.next.max(bounds.bound);
                    return Ok(None);
                };
                match self.open_segment(following)? {
                    Some(gap) => return Ok(Some(gap)),
                    None => continue,
                }
            }
            let item = segment::read_item(&position.file, position.offset, bounds.end).map_err(
                |error| {
                    let path = segment::path(&self.shared.directory, position.first);
                    SourceError::io(&path, Operation::Read, error)
                },
            )?;
            match item {
                // The record was left behind when the disk failed. It was never acknowledged,
                // and its number belongs to another record.
                SegmentItem::Record(record, _) if record.number >= bounds.bound => {
                    position.offset = bounds.end;
                }
                SegmentItem::Record(record, end) => {
                    position.offset = end;
                    if record.number >= self.next {
                        self.next = record.number + 1;
                        return Ok(Some(LogItem::Record(record)));
                    }
                }
                SegmentItem::Damage(end) => {
                    let from = std::mem::replace(&mut position.offset, end);
                    return Ok(Some(LogItem::Gap(format!(
                        "bytes {from} to {end} of {} are damaged",
                        segment::path(&self.shared.directory, position.first).display()
                    ))));
                }
            }
        }
    }

    /// Waits until there is more to read, at most for `time`.
    pub fn wait(&self, time: Duration) {
        let next = self.next;
        let waited = self
            .shared
            .arrived
            .wait_timeout_while(self.shared.state(), time, |state| state.next <= next);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Removes the files whose records all have numbers smaller than `next`, except for the
    /// newest file.
    pub fn remove_before(&self, next: u64) {
        {
            let mut state = self.shared.state();
            while let Some((&first, _)) = state.segments.first_key_value()
                && let Some((&second, _)) = state.segments.range(first + 1..).next()
                && second <= next
            {
                let path = segment::path(&self.shared.directory, first);
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        tracing::warn!("cannot remove {}: {error}", path.display());
                        break;
                    }
                    _ => state.segments.remove(&first),
                };
            }
        }
        self.shared.show();
    }

    /// Returns the file with the next record, or the oldest file after it.
    fn first_to_read(&mut self) -> Option<u64> {
        let state = self.shared.state();
        let before = state.segments.range(..=self.next).next_back();
        let first = before.or_else(|| state.segments.iter().next());
        if first.is_none() {
            // Records that are missing will not appear later.
            self.next = self.next.max(state.next);
        }
        first.map(|(first, _)| *first)
    }

    /// Moves to the beginning of a file. Returns a gap if records before it are missing.
    fn open_segment(&mut self, first: u64) -> Result<Option<LogItem>, SourceError> {
        let path = segment::path(&self.shared.directory, first);
        match File::open(&path) {
            Ok(file) => {
                self.position = Some(SegmentPosition {
                    first,
                    file,
                    offset: 0,
                });
            }
            // A directory that is absent, such as an unmounted volume, comes back.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && self.shared.directory.is_dir() =>
            {
                self.shared.state().segments.remove(&first);
                return Ok(Some(LogItem::Gap(format!(
                    "{} was removed before it was read",
                    path.display()
                ))));
            }
            Err(error) => return Err(SourceError::io(&path, Operation::Open, error)),
        }
        if first <= self.next {
            return Ok(None);
        }
        let missing = std::mem::replace(&mut self.next, first);
        Ok(Some(LogItem::Gap(format!(
            "bodies {missing} to {} are missing in {}",
            first - 1,
            self.shared.directory.display()
        ))))
    }
}

/// Returns the limits of a file, or `None` if it was removed.
fn bounds(shared: &SharedLog, first: u64) -> Option<SegmentBounds> {
    let state = shared.state();
    let end = *state.segments.get(&first)?;
    let following = state.segments.range(first + 1..).next();
    let following = following.map(|(first, _)| *first);
    Some(SegmentBounds {
        end,
        following,
        bound: following.unwrap_or(state.next),
    })
}
