//! Compiles a detector into one file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use wardline_detect::{Artifact, ArtifactError};

use super::toolchain::{TARGET, Toolchain, ToolchainError};

/// A detector cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No compiler.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// Not a crate.
    #[error("{} is not the directory of a Rust crate: {error}", directory.display())]
    NotACrate {
        /// Where it was looked for.
        directory: PathBuf,
        /// What cargo says.
        error: String,
    },
    /// The compiler refused it; it has said why.
    #[error("{} does not compile (see above)", .0.display())]
    Compile(PathBuf),
    /// It compiles, but not into a module.
    #[error("{} gives no WebAssembly module (its Cargo.toml needs `[lib] crate-type = [\"cdylib\", \"rlib\"]`)", .0.display())]
    NoModule(PathBuf),
    /// The module is no detector.
    #[error("what was built is no detector: {0}")]
    Artifact(#[from] ArtifactError),
    /// A file cannot be read or written.
    #[error("cannot use {}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
}

/// A detector that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its crate's name, and the file's.
    pub name: String,
    /// The component.
    pub file: PathBuf,
    /// Bytes of it.
    pub size: usize,
    /// The host interfaces that it asks for.
    pub imports: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Builds the crate in `directory` and writes NAME.wasm, a component, to `output` or
/// else to `detectors` in cargo's target directory. A NAME.toml beside its `Cargo.toml`,
/// settings that the detector comes with, is copied there unless there is one already.
///
/// # Errors
/// Where there is no compiler, or no crate, or it does not compile, or is no detector.
pub fn build(directory: &Path, output: Option<&Path>) -> Result<Built, BuildError> {
    let toolchain = Toolchain::find()?;
    let directory = directory
        .canonicalize()
        .map_err(|error| BuildError::NotACrate {
            directory: directory.to_owned(),
            error: error.to_string(),
        })?;
    let manifest = directory.join("Cargo.toml");
    let (name, target) = metadata(&directory, &manifest)?;
    let result = toolchain
        .cargo_build()
        .arg("--lib")
        .arg("--manifest-path")
        .arg(&manifest)
        .arg("--target-dir")
        .arg(target.join("guests"))
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|_| ToolchainError)?;
    if !result.status.success() {
        return Err(BuildError::Compile(directory));
    }
    let module = String::from_utf8_lossy(&result.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| {
            message.reason == "compiler-artifact"
                && message.manifest_path.as_ref() == Some(&manifest)
        })
        .flat_map(|message| message.filenames)
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .ok_or_else(|| BuildError::NoModule(directory.clone()))?;
    let bytes = std::fs::read(&module).map_err(|error| BuildError::File {
        path: module.clone(),
        error,
    })?;
    let artifact = Artifact::validate(bytes)?;
    let folder = output.map_or_else(|| target.join("detectors"), Path::to_owned);
    let file = folder.join(format!("{name}.wasm"));
    write(&folder, &file, artifact.component()).map_err(|error| BuildError::File {
        path: file.clone(),
        error,
    })?;
    copy_settings(&directory.join(format!("{name}.toml")), &file)?;
    Ok(Built {
        name,
        size: artifact.component().len(),
        imports: artifact.manifest(),
        file,
    })
}

fn copy_settings(settings: &Path, detector: &Path) -> Result<(), BuildError> {
    let beside = detector.with_extension("toml");
    if !settings.exists() || beside.exists() {
        return Ok(());
    }
    std::fs::copy(settings, &beside)
        .map(|_| ())
        .map_err(|error| BuildError::File {
            path: beside,
            error,
        })
}

fn metadata(directory: &Path, manifest: &Path) -> Result<(String, PathBuf), BuildError> {
    let not_a_crate = |error: String| BuildError::NotACrate {
        directory: directory.to_owned(),
        error,
    };
    let result = Command::new("cargo")
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--manifest-path",
        ])
        .arg(manifest)
        .args(["--filter-platform", TARGET])
        .output()
        .map_err(|error| not_a_crate(error.to_string()))?;
    if !result.status.success() {
        let said = String::from_utf8_lossy(&result.stderr);
        return Err(not_a_crate(said.trim().to_owned()));
    }
    let metadata: Metadata =
        serde_json::from_slice(&result.stdout).map_err(|error| not_a_crate(error.to_string()))?;
    metadata
        .packages
        .into_iter()
        .find(|package| package.manifest_path == manifest)
        .map(|package| (package.name, metadata.target_directory))
        .ok_or_else(|| not_a_crate("it is a workspace without a crate of its own".into()))
}

/// By renaming, so that a host that watches the folder never sees half a file.
fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = file.with_extension("wasm.part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, file)
}
