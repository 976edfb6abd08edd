//! The files of one item, and reading them.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use wardline_text::Cause;

use crate::directory::Directory;
use crate::read::{Contents, FileError, Stamp, read_file};

/// A file, with an optional settings file beside it.
pub struct Item {
    /// The file.
    pub file: Location,
    /// The path of the settings file in the directory; the file need not exist.
    pub settings: Option<String>,
    /// The text of the settings if there is no settings file.
    pub default_settings: Option<String>,
}

impl Item {
    /// Returns an item without settings.
    #[must_use]
    pub fn new(file: Location) -> Self {
        Self {
            file,
            settings: None,
            default_settings: None,
        }
    }
}

/// The location of a file.
pub enum Location {
    /// A path relative to the directory, out of which it does not lead.
    Inside(String),
    /// A path that the operator names.
    At(PathBuf),
    /// Inside the program. Its bytes never change.
    Embedded {
        /// The name, for errors.
        name: String,
        /// Returns the bytes.
        read: Box<dyn Fn() -> io::Result<Vec<u8>>>,
    },
}

/// A file of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file itself.
    File,
    /// The settings file beside it.
    Settings,
}

/// Maximum sizes of files, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeLimits {
    /// The limit for the file itself.
    pub file: u64,
    /// The limit for the settings file beside it.
    pub settings: u64,
}

/// The content of an item.
#[derive(Debug, Clone)]
pub struct Files {
    /// The file.
    pub file: Contents,
    /// The text of the settings, if there are any.
    pub settings: Option<String>,
    pub(super) digests: Digests,
}

/// Stamps of the files: if they differ, the files may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamps {
    /// `None` if its metadata cannot be read.
    file: Option<Stamp>,
    /// `None` if there is no settings file, and `Some(None)` if its metadata cannot be read.
    settings: Option<Option<Stamp>>,
}

impl Stamps {
    /// Returns whether another change could leave the same stamps.
    pub fn are_young(&self, now: SystemTime) -> bool {
        self.file.is_none_or(|stamp| stamp.is_young(now))
            || self
                .settings
                .is_some_and(|stamp| stamp.is_none_or(|stamp| stamp.is_young(now)))
    }
}

/// Digests of the files: if they differ, the files have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digests {
    pub file: String,
    /// `None` if there is no settings file.
    settings: Option<String>,
}

impl Item {
    pub(super) fn stamps(&self, directory: Option<&Directory>) -> Stamps {
        let inside = |file: &str| directory.and_then(|directory| directory.stamp(file));
        Stamps {
            file: match &self.file {
                Location::Inside(file) => inside(file),
                Location::At(path) => Stamp::at(path),
                Location::Embedded { .. } => Some(Stamp::default()),
            },
            settings: self.settings.as_deref().and_then(|file| {
                // A link out of the directory is there, but has no stamp.
                let is_there = || directory.is_some_and(|directory| directory.has(file));
                match inside(file) {
                    None if !is_there() => None,
                    stamp => Some(stamp),
                }
            }),
        }
    }

    /// Returns whether the file has gone since the directory was listed.
    pub(super) fn has_vanished(&self, directory: Option<&Directory>) -> bool {
        match &self.file {
            Location::Inside(file) => !directory.is_some_and(|directory| directory.has(file)),
            Location::At(_) | Location::Embedded { .. } => false,
        }
    }

    /// Reads the files. `directory` is the one in which they were listed.
    ///
    /// # Errors
    /// Returns the file that cannot be read, and why.
    pub fn read(
        &self,
        directory: Option<&Directory>,
        limits: SizeLimits,
    ) -> Result<Files, (Part, FileError)> {
        let file = self
            .read_file(directory, limits.file)
            .map_err(|error| (Part::File, error))?;
        let settings = self
            .read_settings(directory, limits.settings)
            .map_err(|error| (Part::Settings, error))?;
        let (settings, digest) = settings.unzip();
        Ok(Files {
            digests: Digests {
                file: file.digest.clone(),
                settings: digest,
            },
            file,
            settings: settings.or_else(|| self.default_settings.clone()),
        })
    }

    fn read_file(&self, directory: Option<&Directory>, limit: u64) -> Result<Contents, FileError> {
        match (&self.file, directory) {
            (Location::At(path), _) => read_file(path, limit),
            (Location::Embedded { name, read }, _) => {
                read()
                    .map(Contents::embedded)
                    .map_err(|error| FileError::Read {
                        file: name.clone(),
                        error: error.into(),
                    })
            }
            (Location::Inside(file), Some(directory)) => directory.read(file, limit),
            (Location::Inside(file), None) => Err(FileError::Read {
                file: file.clone(),
                error: Cause::new("there is no directory"),
            }),
        }
    }

    /// Returns the text of the settings file and its digest, if there is one.
    fn read_settings(
        &self,
        directory: Option<&Directory>,
        limit: u64,
    ) -> Result<Option<(String, String)>, FileError> {
        let (Some(file), Some(directory)) = (&self.settings, directory) else {
            return Ok(None);
        };
        if !directory.has(file) {
            return Ok(None);
        }
        let contents = directory.read(file, limit)?;
        let digest = contents.digest.clone();
        Ok(Some((contents.into_text(file)?, digest)))
    }
}
