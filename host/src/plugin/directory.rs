//! The contents of the plugin directory, over those of the pack.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wardline_files::{Contents, FileError, Stamp, read};
use wardline_text::Cause;

use super::pack::{Origin, Origins, Pack};

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
    /// The origin of the program.
    pub origin: Origin,
    /// The stamp of `NAME.wasm`; `None` if its metadata cannot be read, or if it is built in.
    pub program: Option<Stamp>,
    /// The stamp of `NAME.toml`, if it exists.
    pub settings: Option<Stamp>,
}

impl Entry {
    /// Returns true if the files certainly have not changed since `earlier`.
    pub fn is_surely(&self, earlier: &Self) -> bool {
        let is_old = |stamp: Stamp| !stamp.is_young();
        self == earlier
            && (self.origin == Origin::BuiltIn || self.program.is_some_and(is_old))
            && self.settings.is_none_or(is_old)
    }
}

/// The open directory, over the pack. Nothing outside the two can be reached through it.
pub(super) struct Directory {
    dir: Option<Dir>,
    path: PathBuf,
    pack: Pack,
}

impl Directory {
    /// Opens the directory; it is reopened for each scan because it may have been replaced.
    pub fn open(origins: &Origins) -> Result<Self, DirectoryError> {
        let path = origins.directory.clone().unwrap_or_default();
        let dir = match &origins.directory {
            None => None,
            Some(directory) => match Dir::open_ambient_dir(directory, ambient_authority()) {
                Ok(dir) => Some(dir),
                Err(error)
                    if origins.is_optional && error.kind() == std::io::ErrorKind::NotFound =>
                {
                    None
                }
                Err(error) => {
                    return Err(DirectoryError {
                        directory: path,
                        error: error.into(),
                    });
                }
            },
        };
        let pack = origins.pack.clone();
        Ok(Self { dir, path, pack })
    }

    /// Returns whether there is a directory.
    pub fn exists(&self) -> bool {
        self.dir.is_some()
    }

    /// Lists all detectors by name. Files whose names begin with a dot are skipped, because a
    /// mounted ConfigMap keeps its versions under such names.
    pub fn list(&self) -> Result<BTreeMap<String, Entry>, DirectoryError> {
        let names = self.file_names().map_err(|error| DirectoryError {
            directory: self.path.clone(),
            error: error.into(),
        })?;
        let built_in = self.pack.detectors().iter().map(|detector| {
            let name = detector.name.to_owned();
            (name, Origin::BuiltIn)
        });
        let files = names.into_iter().map(|name| (name, Origin::File));
        // A file comes later and thereby replaces the built-in detector of the same name.
        Ok(built_in
            .chain(files)
            .map(|(name, origin)| {
                let program = match origin {
                    Origin::File => self.stamp(&format!("{name}.wasm")),
                    Origin::BuiltIn => None,
                };
                let entry = Entry {
                    origin,
                    program,
                    settings: self.stamp(&format!("{name}.toml")),
                };
                (name, entry)
            })
            .collect())
    }

    /// Returns each `NAME` of a file `NAME.wasm`.
    fn file_names(&self) -> std::io::Result<Vec<String>> {
        let Some(dir) = &self.dir else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in dir.entries()? {
            let name = entry?.file_name();
            let name = name.to_str().and_then(|name| name.strip_suffix(".wasm"));
            if let Some(name) = name.filter(|name| !name.is_empty() && !name.starts_with('.')) {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    fn stamp(&self, file: &str) -> Option<Stamp> {
        let data = self.dir.as_ref()?.metadata(file).ok()?;
        Some(Stamp::of(&data))
    }

    /// Reads `NAME.wasm`, or takes the program from the pack.
    pub fn program(&self, name: &str, origin: Origin, limit: u64) -> Result<Contents, FileError> {
        let file = format!("{name}.wasm");
        match (origin, self.pack.get(name)) {
            (Origin::BuiltIn, Some(detector)) => detector
                .component()
                .map(Contents::embedded)
                .map_err(|error| FileError::Read {
                    file,
                    error: error.into(),
                }),
            _ => match &self.dir {
                Some(dir) => read(dir, file, limit),
                None => Err(FileError::Read {
                    file,
                    error: Cause::new("there is no plugin directory"),
                }),
            },
        }
    }

    /// Reads `NAME.toml`, if it exists; otherwise, a built-in detector has the settings of the
    /// pack.
    pub fn settings(&self, name: &str, origin: Origin) -> Result<Option<String>, FileError> {
        let file = format!("{name}.toml");
        let is_missing = |dir: &&Dir| {
            dir.symlink_metadata(&file)
                .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        };
        let Some(dir) = self.dir.as_ref().filter(|dir| !is_missing(dir)) else {
            return Ok(match origin {
                Origin::File => None,
                Origin::BuiltIn => self
                    .pack
                    .get(name)
                    .and_then(|detector| detector.settings)
                    .map(str::to_owned),
            });
        };
        let contents = read(dir, file.clone(), SETTINGS_BYTES)?;
        String::from_utf8(contents.bytes)
            .map(Some)
            .map_err(|_| FileError::NotText { file })
    }
}
