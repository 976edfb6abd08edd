//! A file, read once.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, MetadataExt};
use sha2::{Digest, Sha256};

/// File systems give times in steps of some milliseconds (ext4: a kernel tick), so
/// that a file written twice in a step can look unchanged. A file that is this young is read again.
const YOUNG: Duration = Duration::from_secs(2);

/// A file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("cannot read {file}: {error}")]
    Read {
        /// Which file.
        file: String,
        /// What it says.
        error: String,
    },
    /// A link that leads out of the directory.
    #[error("{file} is a link that leads out of its directory")]
    Outside {
        /// Which file.
        file: String,
    },
    /// Larger than the limit.
    #[error("{file} has {size} bytes; {limit} are allowed")]
    TooLarge {
        /// Which file.
        file: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Changed while it was read.
    #[error("{file} is being written")]
    Changing {
        /// Which file.
        file: String,
    },
    /// Neither file nor link to one.
    #[error("{file} is not a regular file")]
    NotAFile {
        /// Which file.
        file: String,
    },
    /// A file that should be text is not.
    #[error("{file} is not UTF-8 text")]
    NotText {
        /// Which file.
        file: String,
    },
}

impl FileError {
    /// What the operator may do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Read { .. } => "the host must be allowed to read it",
            Self::Outside { .. } => {
                "copy the file into the directory; links may only lead to files inside it"
            }
            Self::TooLarge { .. } => {
                "raise the `file-limit` of its section in the configuration if it really is that large"
            }
            Self::Changing { .. } => {
                "it is read again at the next look; write it elsewhere and rename it to be safe"
            }
            Self::NotAFile { .. } => "it must be a file, or a link to one",
            Self::NotText { .. } => "save it as UTF-8",
        }
    }
}

/// What tells one content of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Of a file that was looked at.
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

    /// Of the file at a path, if there is one.
    #[must_use]
    pub fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self::of(&Metadata::from_just_metadata(metadata)))
    }

    /// When its content was changed last, as far as its file system says.
    #[must_use]
    pub fn modified(&self) -> SystemTime {
        time(self.modified)
    }

    /// Whether it was changed so lately that the next change may look the same.
    #[must_use]
    pub fn is_young(&self) -> bool {
        let changed = time(self.changed.max(self.modified));
        changed.elapsed().map_or(true, |age| age < YOUNG)
    }
}

/// A file, read once.
#[derive(Debug, Clone)]
pub struct Contents {
    /// What was read.
    pub bytes: Vec<u8>,
    /// Its SHA-256, in hexadecimal.
    pub digest: String,
    /// The file that was read.
    pub stamp: Stamp,
}

/// Seconds and nanoseconds since the beginning of Unix time.
fn time((seconds, nanoseconds): (i64, i64)) -> SystemTime {
    SystemTime::UNIX_EPOCH
        + Duration::new(
            u64::try_from(seconds).unwrap_or_default(),
            u32::try_from(nanoseconds).unwrap_or_default(),
        )
}

/// Reads a file of a directory, and nothing that lies outside of it.
///
/// # Errors
/// Where it cannot be read, is larger than `limit` bytes, or changes meanwhile.
pub fn read(dir: &Dir, file: String, limit: u64) -> Result<Contents, FileError> {
    // To open a pipe would wait for somebody who writes to it.
    if dir.metadata(&file).is_ok_and(|data| !data.is_file()) {
        return Err(FileError::NotAFile { file });
    }
    let opened = dir
        .open(&file)
        .map_err(|error| refuse(dir, &file, &error))?;
    let failed = |error: std::io::Error| FileError::Read {
        file: file.clone(),
        error: error.to_string(),
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
    let digest = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Contents {
        bytes,
        digest,
        stamp,
    })
}

fn stamp_after(opened: &File) -> std::io::Result<Stamp> {
    opened.metadata().map(|data| Stamp::of(&data))
}

fn refuse(dir: &Dir, file: &str, error: &std::io::Error) -> FileError {
    let file = file.to_owned();
    let is_link = dir
        .symlink_metadata(&file)
        .is_ok_and(|data| data.file_type().is_symlink());
    if is_link && error.kind() == std::io::ErrorKind::PermissionDenied {
        return FileError::Outside { file };
    }
    FileError::Read {
        file,
        error: error.to_string(),
    }
}

/// Reads one file that a person names, from anywhere.
///
/// # Errors
/// As [`read`].
pub fn read_file(path: &Path, limit: u64) -> Result<Contents, FileError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |error: String| FileError::Read {
        file: path.display().to_string(),
        error,
    };
    // A person who names a link means what it leads to.
    let real = std::fs::canonicalize(path).map_err(|error| failed(error.to_string()))?;
    let (parent, name) = match (real.parent(), real.file_name()) {
        (Some(parent), Some(name)) => (parent.to_owned(), name.to_string_lossy().into_owned()),
        _ => (parent.to_owned(), name),
    };
    let directory = Dir::open_ambient_dir(&parent, ambient_authority())
        .map_err(|error| failed(error.to_string()))?;
    read(&directory, name, limit)
}
