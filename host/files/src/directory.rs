//! A directory whose files may change at any time.

use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wardline_text::Cause;

use crate::read::{Contents, FileError, Stamp, read};

/// The maximum number of names in one directory.
const MAX_NAMES: usize = 10_000;

/// A directory cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {} {}, keeping the {} in force", purpose.directory, directory.display(), purpose.contents)]
pub struct DirectoryError {
    /// The purpose of the directory.
    pub purpose: Purpose,
    /// The directory.
    pub directory: PathBuf,
    /// The operating system's error.
    #[source]
    pub error: Cause,
}

/// The purpose of a directory, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// The directory, such as `the plugin directory`.
    pub directory: &'static str,
    /// The values that its files become, such as `detectors`.
    pub contents: &'static str,
}

/// An open directory. Nothing outside of it can be reached through it: a link that leads out is
/// refused.
///
/// It stays the same directory if another takes its name, so it must be opened for each check.
#[derive(Debug)]
pub struct Directory(Dir);

impl Directory {
    /// Opens a directory.
    ///
    /// # Errors
    /// Returns the operating system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        Dir::open_ambient_dir(path, ambient_authority()).map(Self)
    }

    /// Opens a directory in this one.
    ///
    /// # Errors
    /// Returns the operating system's error.
    pub fn open_folder(&self, name: &str) -> io::Result<Self> {
        self.0.open_dir(name).map(Self)
    }

    /// Lists the names in the directory, sorted. Names that are not UTF-8 are left out, and so are
    /// those that begin with a dot: a mounted ConfigMap keeps its versions under such names.
    ///
    /// # Errors
    /// Returns the operating system's error, and an error if there are more than 10,000 names.
    pub fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.0.entries()? {
            if names.len() >= MAX_NAMES {
                let text = format!("there are more than {MAX_NAMES} files in one directory");
                return Err(io::Error::other(text));
            }
            if let Some(name) = entry?.file_name().to_str()
                && !name.starts_with('.')
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Returns whether a name is that of a directory, or of a link to one in this directory.
    #[must_use]
    pub fn is_folder(&self, name: &str) -> bool {
        self.0.metadata(name).is_ok_and(|data| data.is_dir())
    }

    /// Returns whether a name exists, even if it is a link to nothing.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !self
            .0
            .symlink_metadata(name)
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// Returns the stamp of a file, or `None` if its metadata cannot be read.
    #[must_use]
    pub fn stamp(&self, file: &str) -> Option<Stamp> {
        self.0.metadata(file).ok().map(|data| Stamp::of(&data))
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// Returns [`FileError::NotAFile`] if it is not a regular file, [`FileError::Outside`] if it
    /// is a link out of the directory, [`FileError::TooLarge`] if it exceeds the limit,
    /// [`FileError::Changing`] if it changes meanwhile, and [`FileError::Read`] if the operating
    /// system refuses.
    pub fn read(&self, file: &str, limit: u64) -> Result<Contents, FileError> {
        read(&self.0, file.to_owned(), limit)
    }
}
