//! Standard output, one finding per line.

mod config;

use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use crate::line::Line;
use crate::stream::Stream;
use crate::{DeliverError, Outgoing, Sink};

pub use config::Config;

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write findings to standard output")]
struct StdoutError(#[source] io::Error);

/// Writes findings to standard output. A line that was written in part is completed when writing is
/// retried, also if standard output is a file whose disk is full.
#[derive(Debug, Default)]
pub(crate) struct Stdout {
    /// The file descriptor. The standard library's buffer is bypassed, because it may keep a part of
    /// a line after a failure.
    file: Option<File>,
    stream: Stream,
}

impl Stdout {
    fn to(file: File) -> Self {
        Self {
            file: Some(file),
            stream: Stream::default(),
        }
    }
}

impl Sink for Stdout {
    fn deliver(&mut self, batch: &[Outgoing<'_>]) -> Result<(), DeliverError> {
        if self.file.is_none() {
            let file = io::stdout().as_fd().try_clone_to_owned().map_err(|error| {
                DeliverError::Temporary {
                    taken: 0,
                    cause: Box::new(StdoutError(error)),
                }
            })?;
            *self = Self::to(file.into());
        }
        let Some(mut file) = self.file.as_ref() else {
            return Ok(());
        };
        let lines: Vec<Line<'_>> = batch
            .iter()
            .map(|finding| Line {
                number: finding.number,
                text: finding.text.as_bytes(),
            })
            .collect();
        self.stream
            .write(&mut file, &lines)
            .map_err(|failed| match failed.error.kind() {
                io::ErrorKind::BrokenPipe => DeliverError::Closed,
                _ => DeliverError::Temporary {
                    taken: failed.taken,
                    cause: Box::new(StdoutError(failed.error)),
                },
            })
    }
}

#[cfg(test)]
mod tests;
