//! What can go wrong while reading.

use std::path::PathBuf;

/// Why a source cannot go on.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {} after {lines} lines: {error}", path.display())]
pub struct SourceError {
    /// The file.
    pub path: PathBuf,
    /// Lines that were given before.
    pub lines: u64,
    /// What the operating system or the decompressor says.
    pub error: std::io::Error,
}
