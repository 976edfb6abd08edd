//! Compiles a detector to a single file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use wardline_detect::{Artifact, ArtifactError};
use wardline_error::{Cause, Hint};

use super::toolchain::{TARGET, Toolchain, ToolchainError};

/// The reason why a detector cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no toolchain.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// The directory is not a crate.
    #[error("{} is not the directory of a Rust crate", directory.display())]
    NotACrate {
        /// The directory.
        directory: PathBuf,
        /// The error of cargo or the operating system.
        #[source]
        error: Cause,
    },
    /// The crate does not compile; the compiler has printed the reason.
    #[error("{} does not compile", .0.display())]
    Compile(PathBuf),
    /// The build produced no WebAssembly module.
    #[error("{} does not produce a WebAssembly module", .0.display())]
    NoModule(PathBuf),
    /// The module is not a detector.
    #[error("the built module is not a detector")]
    Artifact(#[from] ArtifactError),
    /// A file cannot be read or written.
    #[error("cannot access {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        #[source]
        error: std::io::Error,
    },
}

impl Hint for BuildError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Toolchain(error) => error.hint(),
            Self::Artifact(error) => error.hint(),
            Self::Compile(_) => Some("correct the compiler's errors above".into()),
            Self::NoModule(_) => {
                Some("set `[lib] crate-type = [\"cdylib\", \"rlib\"]` in its Cargo.toml".into())
            }
            Self::NotACrate { .. } | Self::File { .. } => None,
        }
    }
}

/// The result of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The name of the crate and of the file.
    pub name: String,
    /// The component's file.
    pub file: PathBuf,
    /// Its size in bytes.
    pub size: usize,
    /// The host interfaces that it imports.
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

/// Builds the crate in `directory` and writes the component NAME.wasm to `output` or, by default,
/// to `detectors` in cargo's target directory. Default settings in a NAME.toml beside `Cargo.toml`
/// are copied there unless the file exists.
///
/// # Errors
/// Returns [`BuildError::Toolchain`] if there is no toolchain, [`BuildError::NotACrate`] if
/// `directory` is not a crate, [`BuildError::Compile`], [`BuildError::NoModule`], or
/// [`BuildError::Artifact`] if it does not compile to a detector, and [`BuildError::File`] if a
/// file cannot be read or written.
pub fn build(directory: &Path, output: Option<&Path>) -> Result<Built, BuildError> {
    let toolchain = Toolchain::find()?;
    let directory = directory
        .canonicalize()
        .map_err(|error| BuildError::NotACrate {
            directory: directory.to_owned(),
            error: error.into(),
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
    let not_a_crate = |error: Cause| BuildError::NotACrate {
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
        .map_err(|error| not_a_crate(error.into()))?;
    if !result.status.success() {
        let said = String::from_utf8_lossy(&result.stderr);
        return Err(not_a_crate(Cause::new(said.trim())));
    }
    let metadata: Metadata =
        serde_json::from_slice(&result.stdout).map_err(|error| not_a_crate(Cause::new(error)))?;
    metadata
        .packages
        .into_iter()
        .find(|package| package.manifest_path == manifest)
        .map(|package| (package.name, metadata.target_directory))
        .ok_or_else(|| not_a_crate(Cause::new("it is a workspace without a root package")))
}

/// Writes a file by renaming, so that a watching host never reads a partial file.
fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = file.with_extension("wasm.part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, file)
}
