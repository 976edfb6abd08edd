//! Builds the detectors of the tests once, as `wardline plugin build` does.

use std::path::Path;
use std::sync::OnceLock;

use wardline_author as author;

/// A good detector: `tests/detectors/exec-in-kube-system`.
pub fn good() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| build("../detectors/exec-in-kube-system"))
}

/// The guest of this crate.
pub fn guest() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| build("."))
}

/// Builds into a separate directory, since tests of other packages may build concurrently.
fn build(directory: &str) -> Vec<u8> {
    let output = tempfile::tempdir().unwrap();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let built = author::build(&directory, Some(output.path())).unwrap();
    std::fs::read(built.file).unwrap()
}
