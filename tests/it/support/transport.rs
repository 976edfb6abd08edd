//! Detectors that export both `audit` and `audit-packed` and are called through either.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test takes what it needs"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline::plugin::LoaderEvent;
use wardline_artifact::Artifact;
use wardline_detect::{Detector, DetectorParts, Generation};
use wardline_route::Subscriptions;
use wardline_toolchain::Toolchain;

/// Time limits so long that even a slow machine does not exceed them.
const CONFIG: &str = r#"
[host]
threads = 1
[limits]
instantiate-time = "10m"
describe-time = "10m"
configure-time = "10m"
batch-time = "10m"
"#;

pub fn config() -> Config {
    Config::parse(CONFIG, "test", Path::new("")).unwrap()
}

/// The project's directory; the packages that use this module lie at different depths below it.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find(|directory| directory.join("Cargo.lock").is_file())
        .expect("the project has a Cargo.lock")
        .to_owned()
}

/// Builds detectors with the SDK's feature `typed` into a folder. `directories` are relative to
/// the project's.
pub fn build_typed(directories: &[&str], folder: &Path) {
    let target = root().join("target/typed-guests");
    let name = |directory: &&str| {
        let name = Path::new(directory).file_name().unwrap();
        name.to_str().unwrap().to_owned()
    };
    let names: Vec<String> = directories.iter().map(name).collect();
    let mut command = Toolchain::find().unwrap().cargo_build();
    command
        .args(["--lib", "--quiet", "--features", "wardline-sdk/typed"])
        .arg("--manifest-path")
        .arg(root().join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    for name in &names {
        command.args(["--package", name]);
    }
    let status = command.status().unwrap();
    assert!(status.success(), "{directories:?} do not build");
    for name in names {
        let module = target
            .join("wasm32-unknown-unknown/release")
            .join(name.replace('-', "_"))
            .with_extension("wasm");
        let artifact = Artifact::validate(fs::read(module).unwrap()).unwrap();
        fs::create_dir_all(folder).unwrap();
        let file = folder.join(&name).with_extension("wasm");
        fs::write(file, artifact.component()).unwrap();
    }
}

/// A composed host with the detectors of a folder.
pub fn load(config: &Config, folder: &Path, cache: Option<&Path>) -> (Composition, Generation) {
    let mut composition = compose(config, folder, None, cache).unwrap();
    let mut generation = Generation::default();
    let events = composition.loader.look(&mut |next| generation = next);
    assert!(
        events
            .iter()
            .all(|event| !matches!(event, LoaderEvent::Refused { .. })),
        "{events:?}"
    );
    (composition, generation)
}

/// The same detectors, called through `audit`, which takes records.
pub fn typed(generation: &Generation) -> Generation {
    let detectors = generation.detectors.iter().map(|detector| {
        let program = detector.program.typed().expect("it exports `audit`");
        Arc::new(Detector::new(DetectorParts {
            id: detector.id + 1_000,
            file: detector.file.clone(),
            digest: detector.digest.clone(),
            descriptor: Arc::clone(&detector.descriptor),
            subscriptions: Subscriptions::new(&detector.descriptor).unwrap(),
            program: Arc::new(program),
            settings: detector.settings.clone(),
            limits: Arc::clone(&detector.limits),
            breaker: detector.breaker.clone(),
            state: detector.state.clone(),
            ready: Vec::new(),
        }))
    });
    Generation::new(generation.number + 1, detectors.collect())
}
