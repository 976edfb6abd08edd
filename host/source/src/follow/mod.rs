//! A file that another program writes, followed over rotations and restarts.

mod checkpoint;
mod reading;
mod rotation;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use checkpoint::CheckpointError;

use checkpoint::{Checkpoint, Identity, modified};
use reading::Reading;
use rotation::{Rotated, rotated};

use super::line::{Line, LineCutter};
use super::partial::PartialJoiner;
use super::{Chunk, Limits, Operation, RawLine, Source, SourceError};

/// How often a file is polled at its end.
const POLL: Duration = Duration::from_millis(50);

/// How long a renamed file is read further: a writer that was told to open a new file may still
/// write to the old one (logrotate's `postrotate`).
const GRACE: Duration = Duration::from_secs(1);

/// The starting position in a file without a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At its beginning.
    Beginning,
    /// At its end, skipping what was written before.
    End,
}

/// The lines of a file as they are written.
///
/// Continues over rotation by renaming and by truncation, through rotated files that were never
/// seen, plain or compressed, and after a restart from the last stored checkpoint. The last
/// line is delivered once it is complete.
pub struct Follow {
    name: Arc<str>,
    cluster: Arc<str>,
    path: PathBuf,
    cutter: LineCutter,
    partials: PartialJoiner,
    /// The number and size of lines that are pieces of one whose end was not read.
    held: (u64, u64),
    line: u64,
    /// The position to resume at, until the file is found.
    resume: Option<Checkpoint>,
    start: Start,
    current: Option<Reading>,
    /// Rotated files to read before the one at the path, oldest first.
    rotated: VecDeque<PathBuf>,
    /// The moment from which the current file is no longer the one at the path.
    renamed: Option<Instant>,
    grace: Duration,
    /// Whether to skip the rest of a line whose beginning was not read.
    inside_line: bool,
    /// The position of the last checkpoint.
    last_checkpoint: Option<(Identity, u64)>,
    gaps: Vec<String>,
}

impl Follow {
    /// Follows a file, which need not exist yet, from the `checkpoint` that a chunk carried for
    /// `name`.
    ///
    /// # Errors
    /// Returns [`CheckpointError`] if the checkpoint cannot be read.
    pub fn open(
        name: &str,
        path: &Path,
        start: Start,
        checkpoint: Option<&[u8]>,
        limits: Limits,
    ) -> Result<Self, CheckpointError> {
        let resume = checkpoint
            .map(|stored| Checkpoint::parse(name, stored))
            .transpose()?;
        Ok(Self {
            name: Arc::from(name),
            cluster: Arc::from(""),
            path: path.to_owned(),
            cutter: LineCutter::new(limits),
            partials: PartialJoiner::new(limits.document),
            held: (0, 0),
            line: resume.as_ref().map_or(0, |checkpoint| checkpoint.line),
            resume,
            start,
            current: None,
            rotated: VecDeque::new(),
            renamed: None,
            grace: GRACE,
            inside_line: false,
            last_checkpoint: None,
            gaps: Vec::new(),
        })
    }

    /// Sets the cluster of events that name none.
    #[must_use]
    pub fn in_cluster(mut self, name: &str) -> Self {
        self.cluster = Arc::from(name);
        self
    }

    /// Opens a file to read if none is open, and returns false if there is none yet.
    fn have_file(&mut self) -> Result<bool, SourceError> {
        if self.current.is_some() {
            return Ok(true);
        }
        if let Some(from) = self.resume.take() {
            if let Err(error) = self.find(&from) {
                self.resume = Some(from);
                return Err(error);
            }
            if self.current.is_some() {
                return Ok(true);
            }
        }
        while let Some(path) = self.rotated.front() {
            let opened = Reading::open(path, true);
            match opened {
                Ok(reading) => {
                    self.current = Some(reading);
                    self.rotated.pop_front();
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.gaps
                        .push(format!("{} was removed before it was read", path.display()));
                    self.rotated.pop_front();
                }
                Err(error) => return Err(SourceError::io(path, Operation::Open, error)),
            }
        }
        let mut reading = match Reading::open(&self.path, false) {
            Ok(reading) => reading,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(SourceError::io(&self.path, Operation::Open, error)),
        };
        if std::mem::replace(&mut self.start, Start::Beginning) == Start::End {
            self.inside_line = reading
                .skip_to_end()
                .map_err(|error| SourceError::io(&self.path, Operation::Read, error))?;
        }
        self.current = Some(reading);
        Ok(true)
    }

    /// Finds the file of a checkpoint under its present name.
    fn find(&mut self, from: &Checkpoint) -> Result<(), SourceError> {
        // If there is a checkpoint, no file is begun at its end.
        self.start = Start::Beginning;
        match Reading::resume(&self.path, false, from) {
            Ok(Some(reading)) => {
                self.current = Some(reading);
                return Ok(());
            }
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SourceError::io(&self.path, Operation::Open, error)),
        }
        let mut files = rotated(&self.path)?;
        for index in 0..files.len() {
            let Some(file) = files.get(index) else { break };
            // A damaged or removed file is taken for another one.
            if let Ok(Some(reading)) = Reading::resume(&file.path, true, from) {
                self.current = Some(reading);
                self.queue(files.drain(index + 1..));
                return Ok(());
            }
        }
        let truncated = std::fs::metadata(&self.path)
            .is_ok_and(|metadata| Identity::of(&metadata) == from.identity);
        self.gaps.push(if truncated {
            format!(
                "{} was truncated while it was not followed",
                self.path.display()
            )
        } else {
            format!(
                "the file that was read as {} before is missing",
                self.path.display()
            )
        });
        self.queue(
            files
                .into_iter()
                .filter(|file| modified(&file.metadata) > from.modified),
        );
        Ok(())
    }

    fn queue(&mut self, files: impl IntoIterator<Item = Rotated>) {
        self.rotated.extend(files.into_iter().map(|file| file.path));
    }

    /// Handles the end of what is written. Returns whether there may be more at once.
    fn at_end(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        let Some(current) = &mut self.current else {
            return Ok(false);
        };
        if current.finished {
            self.leave(chunk);
            return Ok(true);
        }
        let metadata = match std::fs::metadata(&self.path) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(SourceError::io(&self.path, Operation::Inspect, error)),
        };
        if let Some(metadata) = &metadata
            && Identity::of(metadata) == current.identity
        {
            self.renamed = None;
            return Ok(false);
        }
        let since = *self.renamed.get_or_insert_with(Instant::now);
        if metadata.is_none() || since.elapsed() < self.grace {
            return Ok(false);
        }
        let identity = current.identity;
        let last = current
            .metadata()
            .map_err(|error| SourceError::io(&self.path, Operation::Inspect, error))?;
        let mut files = rotated(&self.path)?;
        match files
            .iter()
            .position(|file| Identity::of(&file.metadata) == identity)
        {
            Some(own) => self.queue(files.drain(own + 1..)),
            // The file is compressed or removed already.
            None => self.queue(
                files
                    .into_iter()
                    .filter(|file| modified(&file.metadata) > modified(&last)),
            ),
        }
        self.leave(chunk);
        Ok(true)
    }

    fn leave(&mut self, chunk: &mut Chunk) {
        self.current = None;
        self.renamed = None;
        self.end_line(chunk);
    }

    /// Delivers a line that will never be complete as it is.
    fn end_line(&mut self, chunk: &mut Chunk) {
        if let Some(line) = self.cutter.finish() {
            self.take(line, chunk);
        }
        while let Some(line) = self.partials.finish() {
            self.give(line, chunk);
        }
        self.held = (0, 0);
    }

    /// Takes a line of the file, and delivers it if it is not a piece of another.
    fn take(&mut self, line: Line, chunk: &mut Chunk) {
        self.line += 1;
        if std::mem::take(&mut self.inside_line) {
            self.line -= 1;
            return;
        }
        if let Some(line) = self.partials.push(line) {
            self.give(line, chunk);
        }
    }

    fn give(&self, line: Line, chunk: &mut Chunk) {
        chunk.bytes += line.length;
        chunk.weight += line.weight();
        if !line.is_blank() {
            chunk
                .lines
                .push(RawLine::of(line, &self.name, &self.cluster, self.line));
        }
    }

    /// Reads what is there now, and returns whether it was anything.
    fn read(&mut self, chunk: &mut Chunk) -> Result<bool, SourceError> {
        if !self.have_file()? {
            return Ok(false);
        }
        let Some(current) = &mut self.current else {
            return Ok(false);
        };
        let finished = current.finished;
        if current
            .restart_if_truncated()
            .map_err(|error| SourceError::io(&self.path, Operation::Read, error))?
        {
            self.end_line(chunk);
            return Ok(true);
        }
        let buffer = match current.fill() {
            Ok(buffer) => buffer,
            Err(error) if finished => {
                // The damage is permanent, but the files after this one can still be read.
                self.gaps.push(format!(
                    "a rotated file of {} is damaged: {error}",
                    self.path.display()
                ));
                self.leave(chunk);
                return Ok(true);
            }
            Err(error) => return Err(SourceError::io(&self.path, Operation::Read, error)),
        };
        if buffer.is_empty() {
            return self.at_end(chunk);
        }
        let (taken, line) = self.cutter.push(buffer);
        current.consume(taken);
        if let Some(line) = line {
            let length = line.length;
            self.take(line, chunk);
            self.held.0 += 1;
            self.held.1 += length;
            // After a restart, reading begins with the first piece of a line.
            if !self.partials.is_open()
                && let Some(current) = &mut self.current
            {
                current.offset += self.held.1;
                self.held = (0, 0);
            }
        }
        Ok(true)
    }

    fn checkpoint(&mut self, chunk: &mut Chunk) {
        let Some(current) = &mut self.current else {
            return;
        };
        let place = (current.identity, current.offset);
        if self.last_checkpoint != Some(place) {
            self.last_checkpoint = Some(place);
            let checkpoint = current.checkpoint(self.line - self.held.0.min(self.line));
            chunk
                .checkpoints
                .push((self.name.to_string(), checkpoint.store()));
        }
    }
}

impl Source for Follow {
    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        let end = Instant::now() + wait;
        let mut chunk = Chunk::default();
        while chunk.has_room(max_lines, max_bytes) {
            match self.read(&mut chunk) {
                Ok(true) => {}
                Ok(false) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if !chunk.lines.is_empty() || left.is_zero() {
                        break;
                    }
                    std::thread::sleep(left.min(POLL));
                }
                Err(error) if chunk.lines.is_empty() => return Err(error),
                // The lines before the error go first; the next call meets it again.
                Err(_) => break,
            }
        }
        self.checkpoint(&mut chunk);
        chunk.gaps = std::mem::take(&mut self.gaps);
        Ok(Some(chunk))
    }
}
