//! The detectors inside the program, and where detectors come from altogether.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A detector inside the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// The name, as that of a file `NAME.wasm` in the plugin directory.
    pub name: &'static str,
    /// The component, compressed with zstd.
    pub component: &'static [u8],
    /// The text of its default settings, as in a file `NAME.toml`.
    pub settings: Option<&'static str>,
}

impl BuiltIn {
    /// Returns the component.
    ///
    /// # Errors
    /// Returns the decoder's error if the component is not compressed with zstd.
    pub fn component(&self) -> std::io::Result<Vec<u8>> {
        zstd::decode_all(self.component)
    }
}

impl fmt::Debug for BuiltIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BuiltIn")
            .field("name", &self.name)
            .field("compressed_bytes", &self.component.len())
            .finish_non_exhaustive()
    }
}

/// The detectors inside the program. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Pack(Arc<[BuiltIn]>);

impl Pack {
    /// Returns a pack of these detectors.
    #[must_use]
    pub fn new(detectors: Vec<BuiltIn>) -> Self {
        Self(detectors.into())
    }

    /// Returns all detectors.
    #[must_use]
    pub fn detectors(&self) -> &[BuiltIn] {
        &self.0
    }

    /// Returns the detector with a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&BuiltIn> {
        self.0.iter().find(|detector| detector.name == name)
    }
}

/// The origin of a detector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A file in the plugin directory.
    #[default]
    File,
    /// The program.
    BuiltIn,
}

impl Origin {
    /// The name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::BuiltIn => "built in",
        }
    }
}

/// The places where detectors come from. A file in the directory replaces the detector of the pack
/// that has the same name; a settings file configures either.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// The plugin directory.
    pub directory: Option<PathBuf>,
    /// Whether the directory need not exist.
    pub is_optional: bool,
    /// The detectors inside the program that are in force.
    pub pack: Pack,
}

impl Origins {
    /// Describes the places in messages.
    #[must_use]
    pub fn describe(&self) -> String {
        let pack = (!self.pack.detectors().is_empty()).then(|| "the built-in detectors".to_owned());
        let directory = self
            .directory
            .as_ref()
            .map(|directory| directory.display().to_string());
        let places: Vec<String> = pack.into_iter().chain(directory).collect();
        places.join(" and ")
    }
}

impl From<&Path> for Origins {
    /// A directory alone, which must exist.
    fn from(directory: &Path) -> Self {
        Self {
            directory: Some(directory.to_owned()),
            ..Self::default()
        }
    }
}

impl From<&PathBuf> for Origins {
    fn from(directory: &PathBuf) -> Self {
        directory.as_path().into()
    }
}
