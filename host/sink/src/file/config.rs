//! The keys of `[[sink]]` that only a file has.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use wardline_finding::export::Form;

use super::FileSink;
use crate::Sink;
use crate::journal::Journal;
use crate::settings::{InvalidKey, SinkType};

/// A sink of type `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The file.
    pub path: PathBuf,
    /// Size in bytes at which the file is renamed to `FILE.1`; files of the configuration are rotated
    /// by other programs.
    #[serde(skip)]
    pub limit: Option<u64>,
}

impl SinkType for Config {
    fn default_name(&self) -> String {
        self.path.display().to_string()
    }

    fn resolve(&mut self, base: &Path) -> Result<(), InvalidKey> {
        if self.path.as_os_str().is_empty() {
            return Err(InvalidKey {
                key: "path",
                message: "must not be empty".to_owned(),
            });
        }
        self.path = base.join(&self.path);
        Ok(())
    }

    fn open(&self, form: Form, journal: Journal) -> Box<dyn Sink> {
        Box::new(FileSink::new(&self.path, self.limit, form, journal))
    }
}
