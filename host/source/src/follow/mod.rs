//! A file that another program writes, followed over rotations and restarts.

mod checkpoint;
mod next_file;
mod reading;
mod rotation;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use checkpoint::CheckpointError;

use checkpoint::{Checkpoint, Identity};
use reading::Reading;

use super::line::{Line, LineCutter};
use super::partial::PartialJoiner;
use super::{Chunk, Limits, Operation, RawLine, Source, SourceError, SourceState};
use wardline_text::chain;

/// How often a file is polled at its end.
const POLL: Duration = Duration::from_millis(50);

/// How long a renamed file is read further: a writer that was told to open a new file may still
/// write to the old one (logrotate's `postrotate`).
const GRACE: Duration = Duration::from_secs(1);

/// How long ago everything may have been read for a rename to be the only one since.
const RECENT: Duration = Duration::from_secs(10);

/// How long the path of a renamed file may be without a new one.
const ABSENCE: Duration = Duration::from_secs(10);

/// Bytes that the first line may have while it is being written.
const MAX_BEGUN: u64 = 4096;

/// By how much the times of files may be behind the clock, in nanoseconds: they are as of the last tick
/// of the kernel, at least 100 times a second.
const CLOCK_TICK: i128 = 10_000_000;

/// The file that was read last.
#[derive(Debug, Clone, Default)]
struct After {
    /// Its end.
    from: Option<Checkpoint>,
    /// A damaged file behind it, which was given up.
    skipped: Option<Identity>,
    /// Whether files may have been missed if it cannot be found again.
    is_gap: bool,
}

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
    /// The file that was read to its end, after which the next one comes.
    after: Option<After>,
    /// Whether rotated files were looked for at the first start.
    is_begun: bool,
    /// When the host began to follow, in nanoseconds since the Unix epoch.
    opened: i128,
    /// When everything was read last, and the current file was the one at the path.
    caught_up: Option<Instant>,
    /// Why nothing can be read at present.
    problem: Option<String>,
    note: Option<String>,
    /// The moment from which the current file is no longer the one at the path.
    renamed: Option<Instant>,
    grace: Duration,
    /// Whether to skip the rest of a line whose beginning was not read.
    inside_line: bool,
    /// The position and the line of the last checkpoint: a new file may have the inode of a removed one.
    last_checkpoint: Option<(Identity, u64, u64)>,
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
            after: None,
            is_begun: false,
            opened: now() - CLOCK_TICK,
            caught_up: None,
            problem: Some("it has not been opened yet".to_owned()),
            note: None,
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

    /// Goes on after the file was truncated: with what was not read of its copy, if there is one
    /// (logrotate's `copytruncate`), and then at its beginning.
    fn truncated(&mut self, chunk: &mut Chunk) -> Result<(), SourceError> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        // The file may reach the same length with other content.
        self.last_checkpoint = None;
        let line = self.line.saturating_sub(self.held.0);
        let (from, unread) = (current.checkpoint(line), current.unread());
        let is_empty = from.head_length == 0;
        if !is_empty && self.resume_rotated(&from)? {
            // A line that was not delivered is read again from its beginning.
            drop(self.cutter.finish());
            while self.partials.finish().is_some() {}
            (self.line, self.held) = (line, (0, 0));
            return Ok(());
        }
        if unread > 0 {
            self.gaps.push(format!(
                "{} was truncated before {unread} bytes of it were read",
                self.path.display()
            ));
        }
        self.end_line(chunk);
        if let Some(current) = &mut self.current {
            current
                .restart()
                .map_err(|error| SourceError::io(&self.path, Operation::Read, error))?;
        }
        Ok(())
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
            self.caught_up = Some(Instant::now());
            return Ok(false);
        }
        let since = *self.renamed.get_or_insert_with(Instant::now);
        if metadata.is_none() || since.elapsed() < self.grace {
            return Ok(false);
        }
        self.leave(chunk);
        Ok(true)
    }

    /// Leaves the current file, which was read to its end.
    fn leave(&mut self, chunk: &mut Chunk) {
        if let Some(mut current) = self.current.take() {
            // Whoever was at the end until the file was renamed has missed no other one.
            let was_behind = self
                .renamed
                .zip(self.caught_up)
                .is_none_or(|(renamed, seen)| renamed.duration_since(seen) > RECENT);
            let mut from = current.checkpoint(self.line);
            // The rest of the file is delivered here, too.
            self.end_line(chunk);
            (from.offset, from.line) = (current.position(), self.line);
            self.after = Some(After {
                from: Some(from),
                is_gap: current.finished || was_behind,
                skipped: None,
            });
        }
        self.renamed = None;
        self.caught_up = None;
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
    fn take(&mut self, mut line: Line, chunk: &mut Chunk) {
        line.strip_byte_order_mark();
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
        let (finished, identity) = (current.finished, current.identity);
        // Nothing tells whether a file of which nothing was read was copied and truncated; the file
        // before it does.
        if current.position() == 0
            && self.after.is_some()
            && let Some(file) = self.next_rotated()?
            && Identity::of(&file.metadata) != identity
        {
            self.current = None;
            return self.open_rotated(&file);
        }
        let Some(current) = &mut self.current else {
            return Ok(false);
        };
        if current
            .was_truncated()
            .map_err(|error| SourceError::io(&self.path, Operation::Read, error))?
        {
            self.truncated(chunk)?;
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
        self.after = None;
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
        let before = self.after.as_ref().and_then(|after| after.from.clone());
        let checkpoint = match before {
            // A file of which nothing was read may be gone after a restart; the one before it tells
            // which came next.
            Some(from) if current.offset == 0 => from,
            _ => current.checkpoint(self.line - self.held.0.min(self.line)),
        };
        let place = (checkpoint.identity, checkpoint.offset, checkpoint.line);
        if self.last_checkpoint != Some(place) {
            self.last_checkpoint = Some(place);
            chunk
                .checkpoints
                .push((self.name.to_string(), checkpoint.store()));
        }
    }
}

impl Follow {
    /// Notes why nothing can be read.
    fn look(&mut self, read: &Result<bool, SourceError>) {
        self.problem = match read {
            Ok(true) => None,
            Ok(false) if self.current.is_none() => Some(absence(&self.path)),
            Ok(false) => self.difficulty(),
            Err(error) => Some(chain(error).to_string()),
        };
    }

    /// Returns what is wrong with a file that was read to its end.
    fn difficulty(&self) -> Option<String> {
        let current = self.current.as_ref()?;
        let path = self.path.display();
        if self.renamed.is_some_and(|since| since.elapsed() > ABSENCE) {
            return Some(format!(
                "{path} was renamed or removed, and there is no new file"
            ));
        }
        (self.line == 0 && current.position() > MAX_BEGUN).then(|| {
            format!(
                "{path} has {} bytes and not one complete line",
                current.position()
            )
        })
    }
}

/// Returns why there is no file at a path.
fn absence(path: &Path) -> String {
    match std::fs::read_link(path) {
        Ok(target) => format!(
            "{} is a link to {}, which does not exist",
            path.display(),
            target.display()
        ),
        Err(_) => format!("{} does not exist", path.display()),
    }
}

/// Nanoseconds since the Unix epoch.
fn now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i128::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(i128::MAX)
}

impl Source for Follow {
    fn states(&self) -> Vec<SourceState> {
        vec![SourceState {
            problem: self.problem.clone(),
            note: self.note.clone(),
            ..SourceState::new(&self.name, self.path.display().to_string())
        }]
    }

    fn next(
        &mut self,
        max_lines: usize,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<Option<Chunk>, SourceError> {
        let end = Instant::now() + wait;
        let mut chunk = Chunk::default();
        if let Some(current) = &mut self.current {
            current
                .note_length()
                .map_err(|error| SourceError::io(&self.path, Operation::Inspect, error))?;
        }
        while chunk.has_room(max_lines, max_bytes) {
            let read = self.read(&mut chunk);
            self.look(&read);
            match read {
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
