//! A file of findings.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Sink, SinkError, lines};

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
        })
    }

    /// The ids of the findings at the end of the file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn recent_ids(&mut self) -> Result<HashSet<String>, SinkError> {
        #[derive(serde::Deserialize)]
        struct Id {
            id: String,
        }
        let text = tail(&mut self.file, TAIL_BYTES).map_err(|error| fail(&self.path, error))?;
        Ok(text
            .split(|byte| *byte == b'\n')
            .filter_map(|line| serde_json::from_slice::<Id>(line).ok())
            .map(|found| found.id)
            .collect())
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
        self.reopen_if_renamed()
            .and_then(|()| self.file.write_all(&lines(findings)))
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
    use crate::sink::Sink;

    #[test]
    fn a_torn_line_is_removed_and_ids_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.jsonl");
        std::fs::write(&path, "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c").unwrap();
        let mut sink = FileSink::open(&path).unwrap();
        let mut ids: Vec<_> = sink.recent_ids().unwrap().into_iter().collect();
        ids.sort();
        assert_eq!(ids, ["a", "b"]);
        sink.write(&[b"{\"id\":\"c\"}"]).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"id\":\"a\"}\n{\"id\":\"b\"}\n{\"id\":\"c\"}\n"
        );
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
