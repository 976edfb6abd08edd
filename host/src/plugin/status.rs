//! What operators see of the plugin directory.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::Step;

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// At work. An older version may be, if `failure` says that the newest is refused.
    Active,
    /// Being compiled; an older version may be at work.
    Compiling,
    /// Nothing of it is at work: a step failed.
    Refused,
    /// At work until it failed too often; nothing is judged by it.
    Quarantined,
    /// The operator has turned it off.
    Disabled,
}

impl FileState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Active,
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
            Self::Compiling => "compiling",
            Self::Refused => "refused",
            Self::Quarantined => "quarantined",
            Self::Disabled => "disabled",
        }
    }
}

/// The step that failed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFailure {
    /// Which step.
    pub step: Step,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// One limit, as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitValue {
    /// The key in the configuration.
    pub name: String,
    /// Its value, with its unit.
    pub value: String,
}

/// One finding type that a detector may raise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RaisedType {
    /// Its name.
    pub name: String,
    /// Its severity, unless the detector says another.
    pub severity: f64,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// What makes two findings of the type the same thing again, as the detector documents
    /// it.
    #[serde(default)]
    pub aggregation_key: String,
}

/// The version at work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The detector's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it finds.
    pub description: String,
    /// SHA-256 of the file that it came from.
    pub digest: String,
    /// What it subscribes to, one condition a line.
    pub subscribes: Vec<String>,
    /// What it may raise.
    pub raises: Vec<RaisedType>,
    /// The host interfaces that it imports.
    pub imports: Vec<String>,
    /// Those of them that it was granted.
    pub grants: Vec<String>,
    /// Its settings, as `name = value`.
    pub settings: Vec<String>,
    /// Its limits.
    pub limits: Vec<LimitValue>,
    /// Milliseconds that compiling took.
    pub compile_milliseconds: u64,
    /// Since when it is at work, RFC 3339.
    pub since: String,
}

/// One file of the plugin directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileStatus {
    /// Its name, without `.wasm`.
    pub file: String,
    /// Where it stands.
    pub state: FileState,
    /// SHA-256 of what lies on disk, if it could be read.
    pub digest_on_disk: Option<String>,
    /// The version at work, if any.
    pub running: Option<Running>,
    /// Why what lies on disk is not at work.
    pub failure: Option<StepFailure>,
}

/// The newest status of all files: the loader writes it, others read.
#[derive(Clone, Default)]
pub struct Board(Arc<RwLock<Arc<Vec<FileStatus>>>>);

impl Board {
    /// What was written last, in the order of the files' names.
    #[must_use]
    pub fn read(&self) -> Arc<Vec<FileStatus>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn write(&self, files: Vec<FileStatus>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
    }
}
