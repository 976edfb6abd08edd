//! A file of findings, one per line.

mod config;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use wardline_finding::export::Form;

use crate::line::{Line, LineDigest};
use crate::rotating::RotatingFile;
use crate::{DeliverError, Outgoing, Sink};

pub use config::Config;

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot write findings to {}", path.display())]
struct FileError {
    path: PathBuf,
    #[source]
    error: io::Error,
}

/// Appends findings to a file, each exactly once. A file that is renamed or truncated, as logrotate
/// does, is continued under its name.
#[derive(Debug)]
pub(crate) struct FileSink {
    file: RotatingFile,
    /// The last finding that an earlier process may have written without recording it.
    resume: u64,
    /// The lines that an earlier process wrote; read when the first of these findings is delivered.
    recent: Option<HashSet<LineDigest>>,
}

impl FileSink {
    /// Creates the sink without opening the file.
    pub fn new(path: &Path, limit: Option<u64>, form: Form, resume: u64) -> Self {
        Self {
            file: RotatingFile::new(path)
                .with_header(form.header())
                .with_limit(limit),
            resume,
            recent: None,
        }
    }

    fn failed(&self, taken: usize, error: io::Error) -> DeliverError {
        DeliverError::Temporary {
            taken,
            cause: Box::new(FileError {
                path: self.file.path().to_owned(),
                error,
            }),
        }
    }

    /// Returns true if an earlier process has written the finding.
    fn is_written(&mut self, finding: &Outgoing<'_>) -> io::Result<bool> {
        if finding.number > self.resume {
            self.recent = None;
            return Ok(false);
        }
        let recent = match self.recent.take() {
            Some(recent) => recent,
            None => self.file.recent_lines()?,
        };
        let is_written = recent.contains(&LineDigest::of(finding.text.as_bytes()));
        self.recent = Some(recent);
        Ok(is_written)
    }
}

impl Sink for FileSink {
    fn open(&mut self) -> Result<(), DeliverError> {
        self.file.open().map_err(|error| self.failed(0, error))
    }

    fn deliver(&mut self, batch: &[Outgoing<'_>]) -> Result<(), DeliverError> {
        let mut fresh = Vec::with_capacity(batch.len());
        for finding in batch {
            match self.is_written(finding) {
                Ok(true) => {}
                Ok(false) => fresh.push(Line {
                    number: finding.number,
                    text: finding.text.as_bytes(),
                }),
                Err(error) => return Err(self.failed(0, error)),
            }
        }
        self.file.append(&fresh).map_err(|failed| {
            let taken = match fresh.get(failed.taken) {
                None => batch.len(),
                Some(next) => batch.partition_point(|finding| finding.number < next.number),
            };
            self.failed(taken, failed.error)
        })
    }
}

#[cfg(test)]
mod tests;
