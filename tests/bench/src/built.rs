//! The detectors under measurement, built beforehand.

use std::fs;
use std::path::{Path, PathBuf};

use wardline_author::build;
use wardline_pack::DETECTORS;

use crate::transport::{build_typed, root};

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
        fs::create_dir(&built.default).expect("a folder");
        // Those with settings of their own are off by default.
        for detector in DETECTORS.iter().filter(|one| one.settings.is_none()) {
            let component = zstd::decode_all(detector.component).expect("a component");
            let file = built.default.join(detector.name).with_extension("wasm");
            fs::write(file, component).expect("a detector");
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
