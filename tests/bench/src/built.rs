//! The detectors under measurement, built beforehand.

use std::fs;
use std::path::{Path, PathBuf};

use wardline_author::build;

use crate::transport::{build_typed, root};

/// The detectors that are active by default.
const DEFAULT: [&str; 14] = [
    "plugins/anonymous-access",
    "plugins/control-plane-integrity",
    "plugins/credential-issuance",
    "plugins/credential-misuse",
    "plugins/defense-evasion",
    "plugins/discovery",
    "plugins/impact",
    "plugins/malicious-callers",
    "plugins/network-exposure",
    "plugins/pod-exec",
    "plugins/privileged-workloads",
    "plugins/rbac-escalation",
    "plugins/secret-access",
    "plugins/suspicious-workloads",
];

/// Folders of detectors in a temporary folder.
pub struct Built {
    folder: tempfile::TempDir,
    /// The default detectors.
    pub default: PathBuf,
    /// The default detectors and `bystander`.
    pub with_bystander: PathBuf,
    /// The detector `parser`.
    pub parser: PathBuf,
    /// A detector that exports both `audit` and `audit-packed`.
    pub typed: PathBuf,
    /// The cache of compiled code.
    pub cache: PathBuf,
}

impl Built {
    pub fn prepare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let built = Self {
            default: at("plugins"),
            with_bystander: at("bystander"),
            parser: at("parser"),
            typed: at("typed"),
            cache: at("cache"),
            folder,
        };
        for directory in DEFAULT {
            put(directory, &built.default);
        }
        put("tests/detectors/bystander", &built.with_bystander);
        for file in fs::read_dir(&built.default).expect("detectors").flatten() {
            let copy = built.with_bystander.join(file.file_name());
            fs::copy(file.path(), copy).expect("a copy");
        }
        put("tests/detectors/parser", &built.parser);
        build_typed(&["plugins/anonymous-access"], &built.typed);
        built
    }

    /// A folder for other files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn put(directory: &str, folder: &Path) {
    build(&root().join(directory), Some(folder)).unwrap_or_else(|error| panic!("{error}"));
}
