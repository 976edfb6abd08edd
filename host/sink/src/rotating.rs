//! A file of lines, used by file sinks, the archive of suppressed findings, and dead letters.
//!
//! A batch of lines is in the file completely or not at all: if a write fails, for example because
//! the disk is full, the file is truncated to its length before the batch. A line that was cut by a
//! crash is removed when the file is opened. Something other than a regular file (a pipe, a device)
//! cannot be truncated; there a cut line is completed when the batch is retried.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::line::{Line, LineDigest, join};
use super::stream::{Stream, WriteError};

/// Size of the end of a file that is searched for lines, in bytes: more than is written at once.
const TAIL_BYTES: u64 = 16 * 1024 * 1024;

/// Maximum number of rotated files that are searched for lines.
const ROTATED_FILES: usize = 4;

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
        let before = open.file.metadata()?.len();
        let text = match header {
            Some(line) if before == 0 => [line.as_bytes(), b"\n", &text].concat(),
            _ => text,
        };
        let mut written = (&open.file).write_all(&text);
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

    /// Returns the digests of the last lines of the file and of rotated files beside it.
    ///
    /// # Errors
    /// Returns the operating system's error if the file cannot be read.
    pub fn recent_lines(&mut self) -> io::Result<HashSet<LineDigest>> {
        self.open()?;
        let mut digests = HashSet::new();
        let mut add = |text: Vec<u8>| {
            digests.extend(
                text.split(|byte| *byte == b'\n')
                    .filter(|line| !line.is_empty())
                    .map(LineDigest::of),
            );
        };
        if let Some(open) = &mut self.file
            && open.is_regular
        {
            add(tail(&mut open.file, TAIL_BYTES)?);
            for path in rotated(&self.path) {
                // A file that is removed meanwhile was complete long ago.
                if let Ok(text) = File::open(path).and_then(|mut file| tail(&mut file, TAIL_BYTES))
                {
                    add(text);
                }
            }
        }
        Ok(digests)
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

/// Returns rotated versions of a file beside it, the newest first: `NAME.1` and `NAME-20261125` as
/// logrotate names them, and `STEM-20261125.EXTENSION` (logrotate's `extension`). Compressed files
/// are not searched.
fn rotated(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let mut files: Vec<(SystemTime, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .is_some_and(|other| is_rotated(name, other))
        })
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            metadata
                .is_file()
                .then(|| Some((metadata.modified().ok()?, entry.path())))?
        })
        .collect();
    files.sort();
    files
        .into_iter()
        .rev()
        .take(ROTATED_FILES)
        .map(|(_, path)| path)
        .collect()
}

/// Returns true if the second name is that of the first file after a rotation: only a number or a
/// date was added. Another sink's file must not be mistaken for it.
fn is_rotated(name: &str, other: &str) -> bool {
    let is_stamp = |text: &str| {
        text.starts_with(['.', '-', '_'])
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b".-_:TZ".contains(&byte))
    };
    if other.strip_prefix(name).is_some_and(is_stamp) {
        return true;
    }
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        other
            .strip_prefix(stem)
            .and_then(|rest| rest.strip_suffix(extension)?.strip_suffix('.'))
            .is_some_and(is_stamp)
    })
}

#[cfg(test)]
mod tests;
