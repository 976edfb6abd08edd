//! A file of findings, one per line.

mod config;

use std::io;
use std::path::{Path, PathBuf};

use wardline_finding::export::Form;

use crate::journal::{Intent, Journal};
use crate::line::{Digest, Line};
use crate::rotating::RotatingFile;
use crate::search::is_written;
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
    journal: Journal,
    /// The last finding that an earlier process has written, once the file was searched.
    resumed: Option<u64>,
}

impl FileSink {
    /// Creates the sink without opening the file.
    pub fn new(path: &Path, limit: Option<u64>, form: Form, journal: Journal) -> Self {
        Self {
            file: RotatingFile::new(path)
                .with_header(form.header())
                .with_limit(limit),
            journal,
            resumed: None,
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

    fn resume(&mut self) -> io::Result<u64> {
        if let Some(resumed) = self.resumed {
            return Ok(resumed);
        }
        let resumed = match self.journal.found() {
            None => 0,
            Some(intent) if is_written(self.file.path(), intent)? => intent.last,
            Some(intent) => intent.before,
        };
        self.resumed = Some(resumed);
        Ok(resumed)
    }
}

impl Sink for FileSink {
    fn open(&mut self) -> Result<u64, DeliverError> {
        // A batch that was cut off is looked at before the file is repaired.
        let opened = self
            .resume()
            .and_then(|resumed| self.file.open().map(|()| resumed));
        opened.map_err(|error| {
            // A folder that is not mounted yet may have the batch later.
            self.resumed = None;
            self.failed(0, error)
        })
    }

    fn deliver(&mut self, batch: &[Outgoing<'_>]) -> Result<(), DeliverError> {
        let lines: Vec<Line<'_>> = batch
            .iter()
            .map(|finding| Line {
                number: finding.number,
                text: finding.text.as_bytes(),
            })
            .collect();
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
            return Ok(());
        };
        let journal = &mut self.journal;
        self.file
            .append_noted(&lines, |planned| {
                journal.note(Intent {
                    before: first.number.saturating_sub(1),
                    last: last.number,
                    device: planned.device,
                    inode: planned.inode,
                    offset: planned.offset,
                    length: planned.text.len() as u64,
                    digest: Digest::of(planned.text),
                })
            })
            .map_err(|failed| self.failed(failed.taken, failed.error))
    }
}

#[cfg(test)]
mod tests;
