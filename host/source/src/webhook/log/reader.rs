//! Gives bodies in the order in which they were stored.

use std::fs::File;
use std::io;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::record::Record;
use super::segment::{self, Step};
use super::{Operation, Shared, SourceError};

/// What is next.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// A body.
    Record(Record),
    /// Bodies may be missing here; why, in words.
    Gap(String),
}

/// The file that is read, and how far.
struct Place {
    first: u64,
    file: File,
    offset: u64,
}

/// What is known of the file that is read.
struct Around {
    /// Its flushed bytes.
    end: u64,
    /// The file after it.
    following: Option<u64>,
    /// Records from this number on are not its.
    bound: u64,
}

/// The end of a log where it is read.
pub struct Reader {
    shared: Arc<Shared>,
    place: Option<Place>,
    /// The number of the record that is given next.
    next: u64,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, next: u64) -> Self {
        Self {
            shared,
            place: None,
            next,
        }
    }

    /// The number of the record that is given next: where to go on after a restart.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.next
    }

    /// The next record that was flushed; none if there is none now.
    ///
    /// # Errors
    /// Where a file cannot be read; it may be tried again.
    pub fn read(&mut self) -> Result<Option<Read>, SourceError> {
        loop {
            let Some(place) = &mut self.place else {
                let Some(first) = self.first_to_read() else {
                    return Ok(None);
                };
                match self.enter(first)? {
                    Some(gap) => return Ok(Some(gap)),
                    None => continue,
                }
            };
            let Some(around) = around(&self.shared, place.first) else {
                self.place = None;
                continue;
            };
            if place.offset >= around.end {
                let Some(following) = around.following else {
                    self.next = self.next.max(around.bound);
                    return Ok(None);
                };
                match self.enter(following)? {
                    Some(gap) => return Ok(Some(gap)),
                    None => continue,
                }
            }
            let step = segment::step(&place.file, place.offset, around.end).map_err(|error| {
                let path = segment::path(&self.shared.directory, place.first);
                SourceError::io(&path, Operation::Read, error)
            })?;
            match step {
                // Not acknowledged, and left where the disk failed; its number was given
                // to another.
                Step::Record(record, _) if record.number >= around.bound => {
                    place.offset = around.end;
                }
                Step::Record(record, end) => {
                    place.offset = end;
                    if record.number >= self.next {
                        self.next = record.number + 1;
                        return Ok(Some(Read::Record(record)));
                    }
                }
                Step::Damage(end) => {
                    let from = std::mem::replace(&mut place.offset, end);
                    return Ok(Some(Read::Gap(format!(
                        "bytes {from} to {end} of {} are damaged",
                        segment::path(&self.shared.directory, place.first).display()
                    ))));
                }
            }
        }
    }

    /// Waits until there is more to read, but not longer than `time`.
    pub fn wait(&self, time: Duration) {
        let next = self.next;
        let waited = self
            .shared
            .arrived
            .wait_timeout_while(self.shared.state(), time, |state| state.next <= next);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Removes the files of which all records have a smaller number than `next`, but for the
    /// newest.
    pub fn forget_before(&self, next: u64) {
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

    /// The file with the next record, or the oldest after it.
    fn first_to_read(&mut self) -> Option<u64> {
        let state = self.shared.state();
        let before = state.segments.range(..=self.next).next_back();
        let first = before.or_else(|| state.segments.iter().next());
        if first.is_none() {
            // What is gone will not come any more.
            self.next = self.next.max(state.next);
        }
        first.map(|(first, _)| *first)
    }

    /// Goes to the beginning of a file. Gives a gap if there should be records before it.
    fn enter(&mut self, first: u64) -> Result<Option<Read>, SourceError> {
        let path = segment::path(&self.shared.directory, first);
        match File::open(&path) {
            Ok(file) => {
                self.place = Some(Place {
                    first,
                    file,
                    offset: 0,
                });
            }
            // A directory that is away, as a volume may be, comes back.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && self.shared.directory.is_dir() =>
            {
                self.shared.state().segments.remove(&first);
                return Ok(Some(Read::Gap(format!("{} is gone", path.display()))));
            }
            Err(error) => return Err(SourceError::io(&path, Operation::Open, error)),
        }
        if first <= self.next {
            return Ok(None);
        }
        let missing = std::mem::replace(&mut self.next, first);
        Ok(Some(Read::Gap(format!(
            "bodies {missing} to {} are not in {}",
            first - 1,
            self.shared.directory.display()
        ))))
    }
}

/// None if the file is gone.
fn around(shared: &Shared, first: u64) -> Option<Around> {
    let state = shared.state();
    let end = *state.segments.get(&first)?;
    let following = state.segments.range(first + 1..).next();
    let following = following.map(|(first, _)| *first);
    Some(Around {
        end,
        following,
        bound: following.unwrap_or(state.next),
    })
}
