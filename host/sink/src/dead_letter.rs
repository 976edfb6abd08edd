//! Events that were not judged, kept so that somebody can look at them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// One line of the dead-letter file.
#[derive(Debug, Serialize)]
pub struct DeadLetter<'a> {
    /// Why, in a word.
    pub reason: &'a str,
    /// What is wrong, and where.
    pub detail: &'a str,
    /// The detector that did not judge it; none if it could not be decoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<&'a str>,
    /// Where it was read.
    pub source: &'a str,
    /// The line.
    pub line: u64,
    /// What was read; bytes that are not UTF-8 are replaced.
    pub event: &'a str,
}

/// A file of dead letters, bounded: when it is full it becomes `FILE.1`, which is
/// overwritten, so that the newest are kept in at most twice the limit.
#[derive(Debug)]
pub struct DeadLetters {
    path: PathBuf,
    limit: u64,
    size: u64,
    file: File,
}

impl DeadLetters {
    /// Opens the file and goes on at its end. `limit` is in bytes.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn open(path: &Path, limit: u64) -> io::Result<Self> {
        let file = create(path)?;
        let size = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            limit,
            size,
            file,
        })
    }

    /// Adds a line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&mut self, letter: &DeadLetter<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(letter)?;
        line.push(b'\n');
        if self.size > 0 && self.size + line.len() as u64 > self.limit {
            std::fs::rename(&self.path, super::aside(&self.path))?;
            self.file = create(&self.path)?;
            self.size = 0;
        }
        self.file.write_all(&line)?;
        self.size += line.len() as u64;
        Ok(())
    }
}

/// Readable by the owner's group only: the events may hold what the cluster keeps secret.
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o640)
        .open(path)
}

#[cfg(test)]
mod tests {
    use super::{DeadLetter, DeadLetters};

    #[test]
    fn a_full_file_makes_room_and_keeps_the_newest() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("dead.ndjson");
        let mut letters = DeadLetters::open(&path, 400).unwrap();
        for line in 0..20 {
            letters
                .write(&DeadLetter {
                    reason: "malformed",
                    detail: "column 3",
                    detector: None,
                    source: "audit.log",
                    line,
                    event: "{\"a\": \u{fffd}",
                })
                .unwrap();
        }
        let newest = std::fs::read_to_string(&path).unwrap();
        assert!(
            newest.len() <= 400 && newest.contains("\"line\":19"),
            "{newest}"
        );
        assert!(
            std::fs::metadata(path.with_extension("ndjson.1"))
                .unwrap()
                .len()
                <= 400
        );
        for line in newest.lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
    }
}
