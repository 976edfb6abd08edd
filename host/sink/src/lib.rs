//! Where findings go, and events that were not judged.

mod dead_letter;
mod file;
mod line;
mod stdout;

use std::path::{Path, PathBuf};

pub use dead_letter::{DeadLetter, DeadLetters};
pub use file::FileSink;
pub use line::LineDigest;
pub use stdout::{Stdout, StdoutFormat};

/// A sink does not take what it is given.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A file cannot be used.
    #[error("cannot write findings to {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        error: std::io::Error,
    },
    /// Standard output cannot be written.
    #[error("cannot write findings to standard output")]
    Stdout(#[source] std::io::Error),
    /// Whoever read standard output is gone.
    #[error("nobody reads standard output any more")]
    Closed,
}

/// Takes findings.
pub trait Sink: Send {
    /// A short name, for logs and metrics.
    fn name(&self) -> &str;

    /// Takes findings, each one line without the newline, and hands them to the operating
    /// system before it returns.
    ///
    /// # Errors
    /// Where it does not take them; some may be written all the same, and all are
    /// given again.
    fn write(&mut self, findings: &[&[u8]]) -> Result<(), SinkError>;
}

/// Where a full file goes; what was there is overwritten, so that the newest are kept.
fn aside(path: &Path) -> PathBuf {
    let mut old = path.to_owned().into_os_string();
    old.push(".1");
    old.into()
}

fn lines(findings: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::with_capacity(findings.iter().map(|finding| finding.len() + 1).sum());
    for finding in findings {
        text.extend_from_slice(finding);
        text.push(b'\n');
    }
    text
}
