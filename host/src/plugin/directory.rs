//! What lies in the plugin directory.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, MetadataExt};
use sha2::{Digest, Sha256};

/// Bytes that an operator's settings file may have.
const SETTINGS_BYTES: u64 = 256 * 1024;

/// File systems give times in steps of some milliseconds (ext4: a kernel tick), so
/// that a file written twice in a step can look unchanged. A file that is this young is read again.
const YOUNG: Duration = Duration::from_secs(2);

/// The directory cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the plugin directory {}: {error} (detectors at work stay at work)", directory.display())]
pub struct DirectoryError {
    /// Which directory.
    pub directory: PathBuf,
    /// What the operating system says.
    pub error: String,
}

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
    #[error("{file} is a link that leads out of the plugin directory")]
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
    /// A settings file that is not text.
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
                "raise plugins.file-limit if the detector really is that large"
            }
            Self::Changing { .. } => {
                "it is read again at the next look; write it elsewhere and rename it to be safe"
            }
            Self::NotAFile { .. } => "a detector is one file, NAME.wasm",
            Self::NotText { .. } => "save the settings as UTF-8",
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
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether it was changed so lately that the next change may look the same.
    fn is_young(&self) -> bool {
        let (seconds, nanoseconds) = self.changed.max(self.modified);
        let changed = SystemTime::UNIX_EPOCH
            + Duration::new(
                u64::try_from(seconds).unwrap_or_default(),
                u32::try_from(nanoseconds).unwrap_or_default(),
            );
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

/// A detector's files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of `NAME.wasm`; none if it cannot be looked at.
    pub program: Option<Stamp>,
    /// Of `NAME.toml`, if there is one.
    pub settings: Option<Stamp>,
}

impl Entry {
    /// Whether it is surely what it was at an earlier look.
    pub fn is_surely(&self, earlier: &Self) -> bool {
        self == earlier
            && self.program.is_some_and(|stamp| !stamp.is_young())
            && self.settings.is_none_or(|stamp| !stamp.is_young())
    }
}

/// The directory, opened for one look. Nothing outside it can be reached through it.
pub(super) struct Directory {
    dir: Dir,
}

impl Directory {
    /// Opens it anew: it may have been replaced since the last look.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        Dir::open_ambient_dir(path, ambient_authority())
            .map(|dir| Self { dir })
            .map_err(|error| DirectoryError {
                directory: path.to_owned(),
                error: error.to_string(),
            })
    }

    /// All detectors' files, by name. Names that begin with a dot are not detectors:
    /// a mounted ConfigMap keeps its versions under such names.
    pub fn list(&self, path: &Path) -> Result<BTreeMap<String, Entry>, DirectoryError> {
        let fail = |error: std::io::Error| DirectoryError {
            directory: path.to_owned(),
            error: error.to_string(),
        };
        let mut entries = BTreeMap::new();
        for entry in self.dir.entries().map_err(fail)? {
            let name = entry.map_err(fail)?.file_name();
            let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".wasm")) else {
                continue;
            };
            if name.is_empty() || name.starts_with('.') {
                continue;
            }
            let stamp = |file: String| self.dir.metadata(file).ok().map(|data| Stamp::of(&data));
            entries.insert(
                name.to_owned(),
                Entry {
                    program: stamp(format!("{name}.wasm")),
                    settings: stamp(format!("{name}.toml")),
                },
            );
        }
        Ok(entries)
    }

    /// Reads `NAME.wasm`.
    pub fn program(&self, name: &str, limit: u64) -> Result<Contents, FileError> {
        self.read(format!("{name}.wasm"), limit)
    }

    /// Reads `NAME.toml`, if there is one.
    pub fn settings(&self, name: &str) -> Result<Option<String>, FileError> {
        let file = format!("{name}.toml");
        match self.dir.symlink_metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            _ => {}
        }
        let contents = self.read(file.clone(), SETTINGS_BYTES)?;
        String::from_utf8(contents.bytes)
            .map(Some)
            .map_err(|_| FileError::NotText { file })
    }

    fn read(&self, file: String, limit: u64) -> Result<Contents, FileError> {
        // To open a pipe would wait for somebody who writes to it.
        if self.dir.metadata(&file).is_ok_and(|data| !data.is_file()) {
            return Err(FileError::NotAFile { file });
        }
        let opened = self
            .dir
            .open(&file)
            .map_err(|error| self.refuse(&file, &error))?;
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
        let stamp = self.stamp_after(&opened).map_err(failed)?;
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

    fn stamp_after(&self, opened: &File) -> std::io::Result<Stamp> {
        opened.metadata().map(|data| Stamp::of(&data))
    }

    fn refuse(&self, file: &str, error: &std::io::Error) -> FileError {
        let file = file.to_owned();
        let is_link = self
            .dir
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
}

/// Reads one file that an author names, from anywhere.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Contents, FileError> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let read = |error: String| FileError::Read {
        file: path.display().to_string(),
        error,
    };
    // A person who names a link means what it leads to.
    let real = std::fs::canonicalize(path).map_err(|error| read(error.to_string()))?;
    let (parent, name) = match (real.parent(), real.file_name()) {
        (Some(parent), Some(name)) => (parent.to_owned(), name.to_string_lossy().into_owned()),
        _ => (parent.to_owned(), name),
    };
    let directory = Directory::open(&parent).map_err(|error| read(error.error))?;
    directory.read(name, limit)
}
