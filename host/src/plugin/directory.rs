//! The contents of the plugin directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wardline_error::Cause;
use wardline_files::{Contents, FileError, Stamp, read};

/// Maximum size of an operator's settings file, in bytes.
const SETTINGS_BYTES: u64 = 256 * 1024;

/// The plugin directory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the plugin directory {}, keeping the detectors in force", directory.display())]
pub struct DirectoryError {
    /// The directory.
    pub directory: PathBuf,
    /// The operating system's error.
    #[source]
    pub error: Cause,
}

/// The files of a detector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// The stamp of `NAME.wasm`; `None` if its metadata cannot be read.
    pub program: Option<Stamp>,
    /// The stamp of `NAME.toml`, if it exists.
    pub settings: Option<Stamp>,
}

impl Entry {
    /// Returns true if the files certainly have not changed since `earlier`.
    pub fn is_surely(&self, earlier: &Self) -> bool {
        self == earlier
            && self.program.is_some_and(|stamp| !stamp.is_young())
            && self.settings.is_none_or(|stamp| !stamp.is_young())
    }
}

/// The open directory. Nothing outside it can be reached through it.
pub(super) struct Directory {
    dir: Dir,
}

impl Directory {
    /// Opens the directory; it is reopened for each scan because it may have been replaced.
    pub fn open(path: &Path) -> Result<Self, DirectoryError> {
        Dir::open_ambient_dir(path, ambient_authority())
            .map(|dir| Self { dir })
            .map_err(|error| DirectoryError {
                directory: path.to_owned(),
                error: error.into(),
            })
    }

    /// Lists the files of all detectors by name. Names that begin with a dot are skipped, because a
    /// mounted ConfigMap keeps its versions under such names.
    pub fn list(&self, path: &Path) -> Result<BTreeMap<String, Entry>, DirectoryError> {
        let fail = |error: std::io::Error| DirectoryError {
            directory: path.to_owned(),
            error: error.into(),
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
        read(&self.dir, format!("{name}.wasm"), limit)
    }

    /// Reads `NAME.toml`, if it exists.
    pub fn settings(&self, name: &str) -> Result<Option<String>, FileError> {
        let file = format!("{name}.toml");
        match self.dir.symlink_metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            _ => {}
        }
        let contents = read(&self.dir, file.clone(), SETTINGS_BYTES)?;
        String::from_utf8(contents.bytes)
            .map(Some)
            .map_err(|_| FileError::NotText { file })
    }
}
