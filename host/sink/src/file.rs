//! A file of findings.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{LineDigest, Sink, SinkError, aside, lines};

/// How much of the end of the file is searched for findings that are there already:
/// more than is ever written at once.
const TAIL_BYTES: u64 = 16 * 1024 * 1024;

/// Appends findings to a file, one a line. A file that was renamed, as logrotate does,
/// is begun again under its name.
#[derive(Debug)]
pub struct FileSink {
    path: PathBuf,
    name: String,
    file: File,
    /// Bytes at which it is renamed to `FILE.1`.
    limit: Option<u64>,
    /// What an empty file begins with.
    header: Option<&'static str>,
}

impl FileSink {
    /// Opens the file, and removes a line at its end that was not written whole: its
    /// finding has not been taken, and is given again.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn open(path: &Path) -> Result<Self, SinkError> {
        let open = || {
            let mut file = append(path)?;
            cut_torn_line(&mut file)?;
            Ok(file)
        };
        Ok(Self {
            path: path.to_owned(),
            name: path.display().to_string(),
            file: open().map_err(|error| fail(path, error))?,
            limit: None,
            header: None,
        })
    }

    /// Begins each empty file with this line.
    #[must_use]
    pub fn headed(mut self, line: &'static str) -> Self {
        self.header = Some(line);
        self
    }

    /// Renames the file to `FILE.1`, which is overwritten, when it would have more than so
    /// many bytes.
    #[must_use]
    pub fn limited(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// The lines at the end of the file, and of the one before if it is limited.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn recent_lines(&mut self) -> Result<HashSet<LineDigest>, SinkError> {
        let mut text = tail(&mut self.file, TAIL_BYTES).map_err(|error| fail(&self.path, error))?;
        if self.limit.is_some()
            && let Ok(mut before) = File::open(aside(&self.path))
        {
            text.extend(tail(&mut before, TAIL_BYTES).map_err(|error| fail(&self.path, error))?);
        }
        Ok(text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(LineDigest::of)
            .collect())
    }

    fn make_room(&mut self, bytes: usize) -> io::Result<()> {
        let Some(limit) = self.limit else {
            return Ok(());
        };
        let size = self.file.metadata()?.len();
        if size > 0 && size + bytes as u64 > limit {
            std::fs::rename(&self.path, aside(&self.path))?;
            self.file = append(&self.path)?;
        }
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.header {
            Some(line) if self.file.metadata()?.len() == 0 => writeln!(self.file, "{line}"),
            _ => Ok(()),
        }
    }

    fn reopen_if_renamed(&mut self) -> io::Result<()> {
        let own = self.file.metadata()?;
        let same = std::fs::metadata(&self.path)
            .is_ok_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino()));
        if !same {
            self.file = append(&self.path)?;
        }
        Ok(())
    }
}

impl Sink for FileSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, findings: &[&[u8]]) -> Result<(), SinkError> {
        let text = lines(findings);
        self.reopen_if_renamed()
            .and_then(|()| self.make_room(text.len()))
            .and_then(|()| self.begin())
            .and_then(|()| self.file.write_all(&text))
            .and_then(|()| self.file.sync_data())
            .map_err(|error| fail(&self.path, error))
    }
}

fn fail(path: &Path, error: io::Error) -> SinkError {
    SinkError::File {
        path: path.to_owned(),
        error,
    }
}

/// Readable by the owner's group only: findings name users, addresses and commands.
fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o640)
        .open(path)
}

/// The last bytes of a file.
fn tail(file: &mut File, bytes: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
    let mut text = Vec::new();
    file.take(bytes).read_to_end(&mut text)?;
    Ok(text)
}

fn cut_torn_line(file: &mut File) -> io::Result<()> {
    // Not a regular file: a pipe or /dev/stderr has no end to look at.
    if !file.metadata()?.is_file() {
        return Ok(());
    }
    let text = tail(file, TAIL_BYTES)?;
    let torn = text.len() - memchr::memrchr(b'\n', &text).map_or(0, |end| end + 1);
    let length = file.metadata()?.len();
    file.set_len(length - torn as u64)
}

#[cfg(test)]
mod tests {
    use super::FileSink;
    use crate::{LineDigest, Sink};

    #[test]
    fn a_torn_line_is_removed_and_whole_ones_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.jsonl");
        std::fs::write(&path, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c").unwrap();
        let mut sink = FileSink::open(&path).unwrap();
        let lines = sink.recent_lines().unwrap();
        assert_eq!(lines.len(), 2);
        assert!(lines.contains(&LineDigest::of(b"{\"id\":\"a\"}")));
        assert!(lines.contains(&LineDigest::of(b"{\"id\":\"b\"}")));
        sink.write(&[b"{\"id\":\"c\"}"]).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n"
        );
    }

    #[test]
    fn a_full_file_makes_room_and_is_still_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suppressed.jsonl");
        let mut sink = FileSink::open(&path).unwrap().limited(10);
        for line in [b"one".as_slice(), b"two", b"three", b"longer than all that"] {
            sink.write(&[line]).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "longer than all that\n"
        );
        let lines = sink.recent_lines().unwrap();
        assert!(lines.contains(&LineDigest::of(b"three")), "in FILE.1");
        assert!(lines.contains(&LineDigest::of(b"longer than all that")));
        assert!(!lines.contains(&LineDigest::of(b"one")));
    }

    #[test]
    fn a_renamed_file_is_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.jsonl");
        let mut sink = FileSink::open(&path).unwrap();
        sink.write(&[b"1"]).unwrap();
        std::fs::rename(&path, folder.path().join("old")).unwrap();
        sink.write(&[b"2", b"3"]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "2\n3\n");
    }
}
