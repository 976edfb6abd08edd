//! The status of the plugin directory, for operators.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::{LoadError, Origin};

/// The state of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// In force. If `failure` is set, the newest file was refused and an older version is in force.
    Active,
    /// In force, but no event can reach it; `note` says why.
    Idle,
    /// Being compiled; an older version may be in force.
    Compiling,
    /// A step failed, and no version is in force.
    Refused,
    /// Loaded, but no longer called because it failed too often.
    Quarantined,
    /// Turned off by the operator.
    Disabled,
}

impl FileState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Active,
        Self::Idle,
        Self::Compiling,
        Self::Refused,
        Self::Quarantined,
        Self::Disabled,
    ];

    /// The name in reports and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Compiling => "compiling",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
            Self::Disabled => "disabled",
        }
    }
}

/// A limit in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitValue {
    /// The setting's name.
    pub name: String,
    /// The value with its unit.
    pub value: String,
}

/// A finding type that a detector may report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RaisedType {
    /// The name.
    pub name: String,
    /// The severity, unless a finding overrides it.
    pub severity: f64,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// The fields that identify repeated occurrences, as the detector documents them.
    #[serde(default)]
    pub aggregation_key: String,
}

/// The version in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The detector's name.
    pub name: String,
    /// The detector's version.
    pub version: String,
    /// The detector's description of itself.
    pub description: String,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
    /// Its subscriptions, one per line.
    pub subscribes: Vec<String>,
    /// The finding types that it may report.
    pub raises: Vec<RaisedType>,
    /// The host interfaces that it imports.
    pub imports: Vec<String>,
    /// The imported interfaces that were granted.
    pub grants: Vec<String>,
    /// Its settings, as `name = value`.
    pub settings: Vec<String>,
    /// Its limits.
    pub limits: Vec<LimitValue>,
    /// Time spent on compiling, in milliseconds.
    pub compile_milliseconds: u64,
    /// Time from which it has been in force (RFC 3339).
    pub since: String,
}

/// A file in the plugin directory, or a built-in detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileStatus {
    /// The file's name without `.wasm`, or the built-in detector's name.
    pub file: String,
    /// The origin of the newest version.
    #[serde(default)]
    pub origin: Origin,
    /// The state.
    pub state: FileState,
    /// The reason why some of its subscriptions, or all, cannot match.
    #[serde(default)]
    pub note: Option<String>,
    /// SHA-256 of the file on disk, if it could be read.
    pub digest_on_disk: Option<String>,
    /// The version in force, if any.
    pub running: Option<Running>,
    /// The reason why the file on disk is not in force.
    pub failure: Option<LoadError>,
}

impl FileStatus {
    /// Returns the state for people: `idle: REASON` if no event can reach the detector.
    #[must_use]
    pub fn state_text(&self) -> String {
        match (self.state, &self.note) {
            (FileState::Idle, Some(note)) => format!("{}: {note}", self.state.as_str()),
            _ => self.state.as_str().to_owned(),
        }
    }
}

/// The latest status of all files, written by the loader and read by others.
#[derive(Clone, Default)]
pub struct Board(Arc<RwLock<Arc<Vec<FileStatus>>>>);

impl Board {
    /// Returns the latest status, sorted by file name.
    #[must_use]
    pub fn read(&self) -> Arc<Vec<FileStatus>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write(&self, files: Vec<FileStatus>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
    }
}
