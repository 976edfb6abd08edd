//! Reads one file consistently.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, MetadataExt};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use wardline_text::{Cause, Hint};

/// Time stamps of file systems advance in steps of some milliseconds (ext4: one kernel tick),
/// so a file that is written twice within a step can look unchanged. A file younger than this
/// is read again.
const YOUNG: Duration = Duration::from_secs(2);

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("cannot read {file}")]
    Read {
        /// The file's name.
        file: String,
        /// The operating system's error.
        #[source]
        error: Cause,
    },
    /// The file is a link that leads out of the directory.
    #[error("{file} is a link that leads out of its directory")]
    Outside {
        /// The file's name.
        file: String,
    },
    /// The file is larger than the limit.
    #[error("{file} has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// The file's size, in bytes.
        size: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file changed while it was read.
    #[error("{file} is being written")]
    Changing {
        /// The file's name.
        file: String,
    },
    /// The path is neither a regular file nor a link to one.
    #[error("{file} is not a regular file")]
    NotAFile {
        /// The file's name.
        file: String,
    },
    /// A file that must be text is not UTF-8.
    #[error("{file} is not UTF-8 text")]
    NotText {
        /// The file's name.
        file: String,
    },
}

impl Hint for FileError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Read { .. } => "check that the file exists and that the host's user may read it",
            Self::Outside { .. } => {
                "copy the file into the directory; links may only lead to files inside it"
            }
            Self::TooLarge { .. } => {
                "raise `file-limit` in its section of the configuration if the file is meant to be that large"
            }
            Self::Changing { .. } => {
                "the host reads it again at the next check; to be safe, write it elsewhere and rename it"
            }
            Self::NotAFile { .. } => "replace it with a regular file or a link to one",
            Self::NotText { .. } => "save the file as UTF-8",
        };
        Some(hint.into())
    }
}

/// Tells whether a file's content may have changed, without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Returns the stamp for a file's metadata.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Returns the stamp of the file at a path, or `None` if there is none.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self::of(&Metadata::from_just_metadata(metadata)))
    }

    /// Returns when the content last changed, according to the file system.
    #[must_use]
    pub fn modified(&self) -> SystemTime {
        time(self.modified)
    }

    /// Returns whether the file changed so shortly before `now` that another change could leave
    /// the same stamp.
    #[must_use]
    pub fn is_young(&self, now: SystemTime) -> bool {
        let changed = time(self.changed.max(self.modified));
        now.duration_since(changed).map_or(true, |age| age < YOUNG)
    }
}

/// The content of a file.
#[derive(Debug, Clone)]
pub struct Contents {
    /// The bytes read.
    pub bytes: Vec<u8>,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub digest: String,
    /// The file's stamp when it was read.
    pub stamp: Stamp,
}

impl Contents {
    /// Returns content that comes from no file.
    #[must_use]
    pub fn embedded(bytes: Vec<u8>) -> Self {
        Self {
            digest: HEXLOWER.encode(&Sha256::digest(&bytes)),
            bytes,
            stamp: Stamp::default(),
        }
    }

    /// Returns the bytes as text. `file` is the file's name, for the error.
    ///
    /// # Errors
    /// Returns [`FileError::NotText`] if they are not UTF-8.
    pub fn into_text(self, file: &str) -> Result<String, FileError> {
        String::from_utf8(self.bytes).map_err(|_| FileError::NotText {
            file: file.to_owned(),
        })
    }
}

/// Converts seconds and nanoseconds since the Unix epoch.
fn time((seconds, nanoseconds): (i64, i64)) -> SystemTime {
    SystemTime::UNIX_EPOCH
        + Duration::new(
            u64::try_from(seconds).unwrap_or_default(),
            u32::try_from(nanoseconds).unwrap_or_default(),
        )
}

/// Reads a file in a directory, and nothing outside of it.
pub(crate) fn read(dir: &Dir, file: String, limit: u64) -> Result<Contents, FileError> {
    // Opening a pipe would block until a writer opens it too.
    if dir.metadata(&file).is_ok_and(|data| !data.is_file()) {
        return Err(FileError::NotAFile { file });
    }
    let opened = dir.open(&file).map_err(|error| refuse(dir, &file, error))?;
    let failed = |error: std::io::Error| FileError::Read {
        file: file.clone(),
        error: error.into(),
    };
    let before = opened.metadata().map_err(failed)?;
    if !before.is_file() {
        return Err(FileError::NotAFile { file });
    }
    if before.size() > limit {
        return Err(FileError::TooLarge {
            file,
            size: before.size(),
            limit,
        });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.size()).unwrap_or_default());
    Read::take(&opened, limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let stamp = stamp_after(&opened).map_err(failed)?;
    if stamp != Stamp::of(&before) || bytes.len() as u64 != before.size() {
        return Err(FileError::Changing { file });
    }
    Ok(Contents {
        digest: HEXLOWER.encode(&Sha256::digest(&bytes)),
        bytes,
        stamp,
    })
}

fn stamp_after(opened: &File) -> std::io::Result<Stamp> {
    opened.metadata().map(|data| Stamp::of(&data))
}

fn refuse(dir: &Dir, file: &str, error: std::io::Error) -> FileError {
    let file = file.to_owned();
    let is_link = dir
        .symlink_metadata(&file)
        .is_ok_and(|data| data.file_type().is_symlink());
    if is_link && error.kind() == std::io::ErrorKind::PermissionDenied {
        return FileError::Outside { file };
    }
    FileError::Read {
        file,
        error: error.into(),
    }
}

/// Reads one file that a person names, wherever it is.
///
/// # Errors
/// Returns the errors of [`Directory::read`](crate::Directory::read), except for
/// [`FileError::Outside`]: the target of a link counts.
pub fn read_file(path: &Path, limit: u64) -> Result<Contents, FileError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: std::io::Error| FileError::Read {
        file: path.display().to_string(),
        error: error.into(),
    };
    // A person who names a link means its target.
    let real = std::fs::canonicalize(path).map_err(failed)?;
    let (parent, name) = match (real.parent(), real.file_name()) {
        (Some(parent), Some(name)) => (parent.to_owned(), name.to_string_lossy().into_owned()),
        _ => (parent.to_owned(), name),
    };
    let directory = Dir::open_ambient_dir(&parent, ambient_authority()).map_err(failed)?;
    read(&directory, name, limit)
}
