//! A file of lines, used by file sinks, the archive of suppressed findings, and dead letters.
//!
//! A batch of lines is in the file completely or not at all: if a write fails, for example because
//! the disk is full, the file is truncated to its length before the batch. A line that was cut by a
//! crash is removed when the file is opened. Something other than a regular file (a pipe, a device)
//! cannot be truncated; there a cut line is completed when the batch is retried.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::line::{Line, join};
use super::stream::{Stream, WriteError};

/// Size of the end of a file that is searched for its last line, in bytes: more than is written at
/// once.
const TAIL_BYTES: u64 = 16 * 1024 * 1024;

/// A file of lines that rotates itself or is rotated by another program.
#[derive(Debug)]
pub(crate) struct RotatingFile {
    path: PathBuf,
    /// Size in bytes at which the file is renamed to `FILE.1`.
    limit: Option<u64>,
    /// The line that an empty file begins with.
    header: Option<&'static str>,
    /// Whether every batch is flushed to the disk.
    is_synced: bool,
    file: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    is_regular: bool,
    stream: Stream,
    /// Length to which a failed batch could not be undone.
    undo: Option<u64>,
}

/// A batch that is about to be written.
#[derive(Debug)]
pub(crate) struct Planned<'t> {
    /// The file.
    pub device: u64,
    pub inode: u64,
    /// The file's length.
    pub offset: u64,
    /// The bytes to append.
    pub text: &'t [u8],
}

impl RotatingFile {
    /// Creates the value; the file is opened by the first write. Each batch is flushed to the disk.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            limit: None,
            header: None,
            is_synced: true,
            file: None,
        }
    }

    /// Begins each empty file with a line.
    pub fn with_header(mut self, line: Option<&'static str>) -> Self {
        self.header = line;
        self
    }

    /// Renames the file to `FILE.1`, which is overwritten, when it would exceed a size in bytes.
    pub fn with_limit(mut self, bytes: Option<u64>) -> Self {
        self.limit = bytes;
        self
    }

    /// Leaves flushing to the operating system.
    pub fn unsynced(mut self) -> Self {
        self.is_synced = false;
        self
    }

    /// The file's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file if it is not open, or if it was renamed since.
    ///
    /// # Errors
    /// Returns the operating system's error if the file cannot be opened or repaired.
    pub fn open(&mut self) -> io::Result<()> {
        if let Some(open) = &mut self.file
            && let Some(length) = open.undo
        {
            open.truncate(length)?;
            open.undo = None;
        }
        let is_current = match &self.file {
            None => false,
            Some(open) => {
                let own = open.file.metadata()?;
                std::fs::metadata(&self.path)
                    .is_ok_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino()))
            }
        };
        if !is_current {
            self.file = Some(OpenFile::new(&self.path)?);
        }
        Ok(())
    }

    /// Appends lines: all or none if the file is regular, otherwise a number of them.
    ///
    /// # Errors
    /// Returns the operating system's error with the number of lines that were appended.
    pub fn append(&mut self, lines: &[Line<'_>]) -> Result<(), WriteError> {
        self.append_noted(lines, |_| Ok(()))
    }

    /// Appends lines like [`Self::append`]. For a regular file, `note` is called before the first
    /// byte is written; if it fails, nothing is.
    ///
    /// # Errors
    /// As for [`Self::append`], and the error of `note`.
    pub fn append_noted(
        &mut self,
        lines: &[Line<'_>],
        note: impl FnOnce(&Planned<'_>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        if lines.is_empty() {
            return Ok(());
        }
        self.open()?;
        let text = join(lines);
        self.rotate(text.len() as u64)?;
        let (header, is_synced) = (self.header, self.is_synced);
        let Some(open) = &mut self.file else {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        if !open.is_regular {
            return open.stream.write(&mut &open.file, lines);
        }
        let metadata = open.file.metadata()?;
        let before = metadata.len();
        let text = match header {
            Some(line) if before == 0 => [line.as_bytes(), b"\n", &text].concat(),
            _ => text,
        };
        note(&Planned {
            device: metadata.dev(),
            inode: metadata.ino(),
            offset: before,
            text: &text,
        })?;
        let mut written = reserve(&open.file, before, text.len() as u64);
        written = written.and_then(|()| (&open.file).write_all(&text));
        if is_synced {
            written = written.and_then(|()| open.file.sync_data());
        }
        if let Err(error) = written {
            if open.truncate(before).is_err() {
                open.undo = Some(before);
            }
            return Err(error.into());
        }
        Ok(())
    }

    /// Makes room for so many bytes.
    fn rotate(&mut self, bytes: u64) -> io::Result<()> {
        let (Some(limit), Some(open)) = (self.limit, &self.file) else {
            return Ok(());
        };
        let size = open.file.metadata()?.len();
        if open.is_regular && size > 0 && size + bytes > limit {
            let mut old = self.path.clone().into_os_string();
            old.push(".1");
            std::fs::rename(&self.path, PathBuf::from(old))?;
            self.file = Some(OpenFile::new(&self.path)?);
        }
        Ok(())
    }
}

impl OpenFile {
    /// Opens or creates a file, readable by the owner's group only, because findings and events name
    /// users, addresses, and commands. Opening for reading too keeps a pipe without a reader from
    /// blocking.
    fn new(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o640)
            .open(path)?;
        let is_regular = file.metadata()?.is_file();
        let mut open = Self {
            file,
            is_regular,
            stream: Stream::default(),
            undo: None,
        };
        open.repair()?;
        Ok(open)
    }

    /// Removes an incomplete line at the end, whose record is written again.
    fn repair(&mut self) -> io::Result<()> {
        if !self.is_regular {
            return Ok(());
        }
        let length = self.file.metadata()?.len();
        let text = tail(&mut self.file, TAIL_BYTES)?;
        match memchr::memrchr(b'\n', &text) {
            _ if text.is_empty() => Ok(()),
            Some(end) => self.file.set_len(length - (text.len() - end - 1) as u64),
            None if text.len() as u64 == length => self.file.set_len(0),
            // Not a line that this host writes.
            None => self.file.write_all(b"\n"),
        }
    }

    /// Undoes a failed write. If another program has truncated the file meanwhile, only an
    /// incomplete line remains to be removed.
    fn truncate(&mut self, length: u64) -> io::Result<()> {
        if self.file.metadata()?.len() >= length {
            self.file.set_len(length)
        } else {
            self.repair()
        }
    }
}

/// Reads the last bytes of a file.
fn tail(file: &mut File, bytes: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    Ok(text)
}

/// Reserves space for a batch, so that a full disk is met before its first byte is written and a
/// program that follows the file sees no part of it. Not all file systems can.
fn reserve(file: &File, offset: u64, length: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::KEEP_SIZE, offset, length) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
