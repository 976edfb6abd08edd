//! From the bytes of a file to a list.

use std::path::PathBuf;

use jiff::Timestamp;
use wardline_files::{Contents, FileError};

use super::entry::{Content, Counts};
use super::format::{self, BadLine, Format, FormatError};
use super::list::List;

/// Why a file is no list, or none that may be put in force.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error("{0}")]
    File(FileError),
    /// Its content is no list.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Nothing is in it any more, as when a download failed or is just beginning.
    #[error("it is empty, and was not before (delete the file to have no such list)")]
    Emptied,
    /// The settings beside it are wrong.
    #[error("{file}: {message}")]
    Settings {
        /// The file of settings.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The list cannot be called that.
    #[error("the name `{name}` {defect}")]
    Name {
        /// The list's or kind's name.
        name: String,
        /// What is wrong.
        defect: &'static str,
    },
    /// Another file's list has the same name.
    #[error("another list is called `{name}`: {} (rename one of them)", by.display())]
    Taken {
        /// The name.
        name: String,
        /// The other file.
        by: PathBuf,
    },
    /// It lies in no folder of a kind.
    #[error(
        "it lies in no folder that says its kind (move it to trusted/, threat/, threat-feed/, tor/ or one of your own)"
    )]
    Misplaced,
}

impl From<FileError> for LoadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// How a file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// What is on the list.
    pub content: Content,
    /// How the file is written; none: told from its content.
    pub format: Option<Format>,
    /// Entries of a list.
    pub entry_limit: usize,
}

/// What is known of a list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How the file is written.
    pub format: Format,
    /// How many entries there are.
    pub counts: Counts,
    /// How many lines are no entries.
    pub bad: usize,
    /// The first of them.
    pub bad_lines: Vec<BadLine>,
    /// What is well written and no entry here.
    pub skipped: usize,
    /// Networks with bits of the host, which are taken as zero.
    pub host_bits: usize,
    /// When the file must be read again, since an indicator begins or ceases to be valid.
    pub changes_at: Option<Timestamp>,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    /// When the file was changed last; none for times that are none.
    pub modified: Option<Timestamp>,
}

/// Reads a file as a list of this name and kind. The moment decides which indicators are
/// valid.
///
/// # Errors
/// Where it is none.
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
