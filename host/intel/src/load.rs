//! Turns the bytes of a file into a list.

use std::path::PathBuf;

use jiff::Timestamp;
use wardline_files::{Contents, FileError};
use wardline_text::Hint;

use super::entry::{Content, Counts};
use super::format::{self, BadLine, Format, FormatError};
use super::list::List;

/// A file cannot be put into force as a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The content is not a list.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The file has no entries any more, for instance because a download failed or has just
    /// begun.
    #[error("the list has become empty")]
    Emptied,
    /// The settings file of the list is invalid.
    #[error("{file}: {message}")]
    Settings {
        /// The settings file.
        file: String,
        /// The error in it.
        message: String,
    },
    /// The name is not allowed.
    #[error("the name `{name}` {defect}")]
    Name {
        /// The name of the list or kind.
        name: String,
        /// The reason.
        defect: &'static str,
    },
    /// The list of another file has the same name.
    #[error("another list has the name `{name}`: {}", by.display())]
    Taken {
        /// The name.
        name: String,
        /// The other file.
        by: PathBuf,
    },
    /// The file is not in a folder that gives its kind.
    #[error("the file is not in a folder for its kind")]
    Misplaced,
}

impl Hint for LoadError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::File(error) => return error.hint(),
            Self::Format(error) => return error.hint(),
            Self::Emptied => "delete the file to remove the list",
            Self::Taken { .. } => "rename one of them",
            Self::Misplaced => {
                "move it to trusted/, threat/, threat-feed/, tor/, or a folder of your own"
            }
            Self::Settings { .. } | Self::Name { .. } => return None,
        };
        Some(hint.into())
    }
}

/// How to read a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The content of the list.
    pub content: Content,
    /// The format of the file; `None` to detect it.
    pub format: Option<Format>,
    /// The maximum number of entries.
    pub entry_limit: usize,
}

/// Details of a list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The format of the file.
    pub format: Format,
    /// The number of entries.
    pub counts: Counts,
    /// The number of invalid lines.
    pub bad: usize,
    /// The first invalid lines.
    pub bad_lines: Vec<BadLine>,
    /// Valid items that cannot be entries.
    pub skipped: usize,
    /// Networks with host bits, which were cleared.
    pub host_bits: usize,
    /// Entries that hold a large part of all addresses or domains, at most 100.
    pub broad: Vec<String>,
    /// When an indicator becomes valid or invalid, so that the file must be read again.
    pub changes_at: Option<Timestamp>,
    /// The SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// When the file was last changed; `None` if the time is out of range.
    pub modified: Option<Timestamp>,
}

/// Reads a file as a list with this name and kind. `now` decides which indicators are valid.
///
/// # Errors
/// Returns [`LoadError::Format`] if the content is not a list.
pub fn load(
    name: &str,
    kind: &str,
    reader: &Reader,
    contents: &Contents,
    now: Timestamp,
) -> Result<(List, Report), LoadError> {
    let format = match reader.format {
        Some(format) => format,
        None if reader.content == Content::Names => Format::Plain,
        None => format::detect(&contents.bytes)?,
    };
    let reading = format::read(
        &contents.bytes,
        format,
        reader.content,
        reader.entry_limit,
        now,
    )?;
    let report = Report {
        format,
        counts: reading.entries.counts(),
        bad: reading.bad,
        bad_lines: reading.bad_lines,
        skipped: reading.skipped,
        host_bits: reading.host_bits,
        broad: reading.broad,
        changes_at: reading.changes_at,
        digest: contents.digest.clone(),
        modified: Timestamp::try_from(contents.stamp.modified()).ok(),
    };
    let list = List {
        name: name.to_owned(),
        kind: kind.to_owned(),
        entries: reading.entries,
    };
    Ok((list, report))
}
