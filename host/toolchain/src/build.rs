//! Compiles detectors to single files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use wardline_artifact::{Artifact, ArtifactError};
use wardline_text::{Cause, Hint};

use crate::toolchain::{TARGET, Toolchain, ToolchainError};

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
    /// The crate, or one of the crates in a workspace, does not compile; the compiler has printed
    /// the reason.
    #[error("{} does not compile", .0.display())]
    Compile(PathBuf),
    /// The build produced no WebAssembly module.
    #[error("{} does not produce a WebAssembly module", .0.display())]
    NoModule(PathBuf),
    /// The module is not a detector.
    #[error("the module built from {} is not a detector", directory.display())]
    Artifact {
        /// The directory of the crate.
        directory: PathBuf,
        /// The fault in the module.
        #[source]
        error: ArtifactError,
    },
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
            Self::Artifact { error, .. } => error.hint(),
            Self::Compile(_) => Some("correct the compiler's errors above".into()),
            Self::NoModule(_) => {
                Some("set `[lib] crate-type = [\"cdylib\", \"rlib\"]` in its Cargo.toml".into())
            }
            Self::NotACrate { .. } | Self::File { .. } => None,
        }
    }
}

/// A detector that was built and written to a file.
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

/// A detector that was built, in memory.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The name of the crate.
    pub name: String,
    /// The validated component.
    pub artifact: Artifact,
    /// The file of default settings beside `Cargo.toml`, if there is one.
    pub settings: Option<PathBuf>,
    /// Cargo's target directory of the crate's workspace.
    pub target: PathBuf,
}

/// The output of `cargo metadata`.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

/// A message of `cargo build`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// A crate to compile.
struct Crate {
    name: String,
    directory: PathBuf,
    manifest: PathBuf,
}

/// The crates of one workspace, which a single run of cargo compiles.
struct Workspace {
    root: PathBuf,
    target: PathBuf,
    crates: Vec<Crate>,
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
    let built = build_all(&[directory.to_owned()], output)?;
    built
        .into_iter()
        .next()
        .ok_or_else(|| BuildError::NoModule(directory.to_owned()))
}

/// Builds the crates in `directories` like [`build`], with one run of cargo for each workspace, and
/// returns the results in the same order.
///
/// # Errors
/// As for [`build`].
pub fn build_all(directories: &[PathBuf], output: Option<&Path>) -> Result<Vec<Built>, BuildError> {
    compile(directories, None)?
        .into_iter()
        .map(|compiled| write(&compiled, output))
        .collect()
}

/// Compiles the crates in `directories` without writing components, and returns the results in the
/// same order. Cargo's files go to `guests` in the target directory of each workspace, or to
/// `scratch`.
///
/// # Errors
/// As for [`build`].
pub fn compile(
    directories: &[PathBuf],
    scratch: Option<&Path>,
) -> Result<Vec<Compiled>, BuildError> {
    let toolchain = Toolchain::find()?;
    let mut compiled: Vec<(PathBuf, Compiled)> = Vec::with_capacity(directories.len());
    let directories = directories
        .iter()
        .map(|directory| {
            directory
                .canonicalize()
                .map_err(|error| BuildError::NotACrate {
                    directory: directory.clone(),
                    error: error.into(),
                })
        })
        .collect::<Result<Vec<_>, _>>()?;
    for workspace in workspaces(&directories)? {
        compiled.extend(compile_workspace(&toolchain, &workspace, scratch)?);
    }
    directories
        .iter()
        .map(|directory| {
            compiled
                .iter()
                .find(|(other, _)| other == directory)
                .map(|(_, compiled)| compiled.clone())
                .ok_or_else(|| BuildError::NoModule(directory.clone()))
        })
        .collect()
}

/// Returns the crates by workspace.
fn workspaces(directories: &[PathBuf]) -> Result<Vec<Workspace>, BuildError> {
    let mut workspaces: Vec<(Workspace, Metadata)> = Vec::new();
    for directory in directories {
        let manifest = directory.join("Cargo.toml");
        let find = |metadata: &Metadata| {
            let package = metadata
                .packages
                .iter()
                .find(|package| package.manifest_path == manifest)?;
            Some(Crate {
                name: package.name.clone(),
                directory: directory.clone(),
                manifest: manifest.clone(),
            })
        };
        let known = workspaces
            .iter_mut()
            .find_map(|(workspace, metadata)| Some((workspace, find(metadata)?)));
        if let Some((workspace, found)) = known {
            if workspace
                .crates
                .iter()
                .all(|other| other.name != found.name)
            {
                workspace.crates.push(found);
            }
            continue;
        }
        let metadata = metadata(directory, &manifest)?;
        let found = find(&metadata).ok_or_else(|| BuildError::NotACrate {
            directory: directory.clone(),
            error: Cause::new("it is a workspace without a root package"),
        })?;
        let workspace = Workspace {
            root: metadata.workspace_root.clone(),
            target: metadata.target_directory.clone(),
            crates: vec![found],
        };
        workspaces.push((workspace, metadata));
    }
    Ok(workspaces
        .into_iter()
        .map(|(workspace, _)| workspace)
        .collect())
}

fn compile_workspace(
    toolchain: &Toolchain,
    workspace: &Workspace,
    scratch: Option<&Path>,
) -> Result<Vec<(PathBuf, Compiled)>, BuildError> {
    let mut command = toolchain.cargo_build();
    command
        .arg("--lib")
        .arg("--manifest-path")
        .arg(workspace.root.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(scratch.map_or_else(|| workspace.target.join("guests"), Path::to_owned))
        .args(["--message-format", "json-render-diagnostics"]);
    for one in &workspace.crates {
        command.args(["--package", &one.name]);
    }
    let result = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|_| ToolchainError)?;
    if !result.status.success() {
        return Err(BuildError::Compile(match workspace.crates.as_slice() {
            [one] => one.directory.clone(),
            _ => workspace.root.clone(),
        }));
    }
    let messages: Vec<Message> = String::from_utf8_lossy(&result.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    workspace
        .crates
        .iter()
        .map(|one| {
            let artifact = artifact(one, &messages)?;
            let settings = one.directory.join(format!("{}.toml", one.name));
            let compiled = Compiled {
                name: one.name.clone(),
                artifact,
                settings: settings.exists().then_some(settings),
                target: workspace.target.clone(),
            };
            Ok((one.directory.clone(), compiled))
        })
        .collect()
}

/// Reads the module that cargo reports for a crate.
fn artifact(one: &Crate, messages: &[Message]) -> Result<Artifact, BuildError> {
    let module = messages
        .iter()
        .filter(|message| {
            message.reason == "compiler-artifact"
                && message.manifest_path.as_ref() == Some(&one.manifest)
        })
        .flat_map(|message| &message.filenames)
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .ok_or_else(|| BuildError::NoModule(one.directory.clone()))?;
    let bytes = std::fs::read(module).map_err(|error| BuildError::File {
        path: module.clone(),
        error,
    })?;
    Artifact::validate(bytes).map_err(|error| BuildError::Artifact {
        directory: one.directory.clone(),
        error,
    })
}

fn write(compiled: &Compiled, output: Option<&Path>) -> Result<Built, BuildError> {
    let folder = output.map_or_else(|| compiled.target.join("detectors"), Path::to_owned);
    let file = folder.join(format!("{}.wasm", compiled.name));
    let component = compiled.artifact.component();
    write_file(&folder, &file, component).map_err(|error| BuildError::File {
        path: file.clone(),
        error,
    })?;
    if let Some(settings) = &compiled.settings {
        copy_settings(settings, &file)?;
    }
    Ok(Built {
        name: compiled.name.clone(),
        size: component.len(),
        imports: compiled.artifact.manifest(),
        file,
    })
}

fn copy_settings(settings: &Path, detector: &Path) -> Result<(), BuildError> {
    let beside = detector.with_extension("toml");
    if beside.exists() {
        return Ok(());
    }
    std::fs::copy(settings, &beside)
        .map(|_| ())
        .map_err(|error| BuildError::File {
            path: beside,
            error,
        })
}

fn metadata(directory: &Path, manifest: &Path) -> Result<Metadata, BuildError> {
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
    serde_json::from_slice(&result.stdout).map_err(|error| not_a_crate(Cause::new(error)))
}

/// Writes a file by renaming, so that a watching host never reads a partial file.
fn write_file(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let part = file.with_extension("wasm.part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, file)
}
