//! One file while it is read.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use rustix::fs::OFlags;

use super::checkpoint::{Checkpoint, HEAD, Identity, hash, modified};
use crate::unpack::unpack;

/// An open file and its read position.
pub(super) struct Reading {
    file: Arc<File>,
    reader: Box<dyn BufRead + Send>,
    /// Whether the writer has left the file, so that its end is final.
    pub finished: bool,
    pub identity: Identity,
    /// The offset after the last complete line, in bytes after decompression.
    pub offset: u64,
    /// The bytes read, after decompression.
    position: u64,
    /// Number of bytes that were read from the disk and not taken.
    buffered: usize,
    /// The first bytes, at most [`HEAD`].
    head: Vec<u8>,
    modified: i128,
    /// The length when it was noted last.
    length: u64,
}

impl Reading {
    /// Opens a file at its beginning. A `finished` file may be compressed.
    pub fn open(path: &Path, finished: bool) -> io::Result<Self> {
        // A pipe without a writer would block the thread that reads all sources.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        let file = Arc::new(file);
        let metadata = file.metadata()?;
        if let Some(kind) = irregular(&metadata) {
            return Err(io::Error::other(format!("it is {kind}, not a file")));
        }
        let plain = BufReader::with_capacity(256 * 1024, Arc::clone(&file));
        Ok(Self {
            reader: if finished {
                unpack(plain)?
            } else {
                Box::new(plain)
            },
            file,
            finished,
            identity: Identity::of(&metadata),
            offset: 0,
            position: 0,
            buffered: 0,
            head: Vec::new(),
            modified: modified(&metadata),
            length: 0,
        })
    }

    /// Returns whether the file, which may be compressed, is the one of a checkpoint.
    pub fn is_of(path: &Path, from: &Checkpoint) -> io::Result<bool> {
        Ok(Self::begin(path, true, from)?.is_some())
    }

    /// Resumes at a checkpoint, or returns `None` if the file is another one.
    pub fn resume(path: &Path, finished: bool, from: &Checkpoint) -> io::Result<Option<Self>> {
        let Some(mut reading) = Self::begin(path, finished, from)? else {
            return Ok(None);
        };
        let missing = from.offset.saturating_sub(reading.position);
        let skipped = io::copy(&mut (&mut reading.reader).take(missing), &mut io::sink())?;
        if skipped < missing {
            return Ok(None);
        }
        reading.position += skipped;
        reading.offset = from.offset;
        Ok(Some(reading))
    }

    /// Reads the first bytes, and returns `None` if they are not those of the checkpoint.
    fn begin(path: &Path, finished: bool, from: &Checkpoint) -> io::Result<Option<Self>> {
        let mut reading = Self::open(path, finished)?;
        let mut limited = (&mut reading.reader).take(from.head_length as u64);
        limited.read_to_end(&mut reading.head)?;
        reading.position = reading.head.len() as u64;
        let same = if from.head_length == 0 {
            reading.identity == from.identity
        } else {
            from.fits(&reading.head)
        };
        Ok(same.then_some(reading))
    }

    /// Moves to the present end, and returns whether that is inside a line.
    pub fn skip_to_end(&mut self) -> io::Result<bool> {
        let length = self.metadata()?.len();
        let mut head = vec![0; HEAD.min(usize::try_from(length).unwrap_or(HEAD))];
        self.file.read_exact_at(&mut head, 0)?;
        self.head = head;
        let mut last = [b'\n'];
        if let Some(end) = length.checked_sub(1) {
            self.file.read_exact_at(&mut last, end)?;
        }
        self.seek(length)?;
        self.offset = length;
        Ok(last != [b'\n'])
    }

    /// Returns whether the file was truncated, even if it was written again. Looked at before the
    /// disk is read: what is in memory is of the file before.
    pub fn was_truncated(&self) -> io::Result<bool> {
        Ok(self.buffered == 0 && !self.finished && self.is_truncated()?)
    }

    /// Notes the length that the file has now, so that a later truncation shows what was not read.
    pub fn note_length(&mut self) -> io::Result<()> {
        // A truncated file is shorter than it was.
        self.length = self.length.max(self.metadata()?.len());
        Ok(())
    }

    /// Returns the number of bytes that were seen and not read.
    pub fn unread(&self) -> u64 {
        self.length.saturating_sub(self.position)
    }

    /// Returns the number of bytes that were read, after decompression.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Restarts at the beginning.
    pub fn restart(&mut self) -> io::Result<()> {
        self.head.clear();
        self.length = 0;
        self.offset = 0;
        self.seek(0)
    }

    fn seek(&mut self, position: u64) -> io::Result<()> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(position))?;
        self.reader = Box::new(BufReader::with_capacity(256 * 1024, Arc::clone(&self.file)));
        self.position = position;
        self.buffered = 0;
        Ok(())
    }

    pub fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Returns whether the file no longer holds what was read: it is shorter or begins
    /// differently.
    fn is_truncated(&self) -> io::Result<bool> {
        if self.metadata()?.len() < self.position {
            return Ok(true);
        }
        let mut now = vec![0; self.head.len()];
        match self.file.read_exact_at(&mut now, 0) {
            Ok(()) => Ok(now != self.head),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Returns the next bytes; none at the present end.
    pub fn fill(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.reader.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let buffer = self.reader.fill_buf()?;
        self.buffered = buffer.len();
        Ok(buffer)
    }

    /// Takes bytes that [`Self::fill`] returned.
    pub fn consume(&mut self, length: usize) {
        if self.head.len() < HEAD
            && let Ok(buffer) = self.reader.fill_buf()
        {
            let wanted = length.min(HEAD - self.head.len());
            self.head
                .extend_from_slice(buffer.get(..wanted).unwrap_or_default());
        }
        self.reader.consume(length);
        self.buffered = self.buffered.saturating_sub(length);
        self.position += length as u64;
    }

    /// Returns the checkpoint after the last complete line.
    pub fn checkpoint(&mut self, line: u64) -> Checkpoint {
        if let Ok(metadata) = self.metadata() {
            self.modified = modified(&metadata);
        }
        let known = usize::try_from(self.offset).unwrap_or(HEAD);
        let head = self.head.get(..known).unwrap_or(&self.head);
        Checkpoint {
            identity: self.identity,
            head: hash(head),
            head_length: head.len(),
            offset: self.offset,
            line,
            modified: self.modified,
        }
    }
}

/// Returns what something is that is not a regular file.
fn irregular(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}
