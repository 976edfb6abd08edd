//! Runs the steps of loading offline.

use std::path::Path;

use wardline_files::{Contents, FileError, read_file};

use crate::config::PluginSettings;
use crate::plugin::directory::{Directory, DirectoryError};
use crate::plugin::load::{Environment, LoadError, Loaded, Step, load};
use crate::plugin::summary::running;
use crate::plugin::{Origins, Running};

/// A file that passed all steps.
pub struct Checked {
    /// The version as operators see it.
    pub running: Running,
    /// The loaded detector.
    pub loaded: Loaded,
    /// Whether its settings file leaves it enabled.
    pub is_enabled: bool,
}

/// Takes a file, with the settings file beside it, through all steps.
///
/// # Errors
/// Returns a [`LoadError`] that names the step that failed.
pub fn check(environment: &Environment, file: &Path) -> Result<Checked, LoadError> {
    let contents = read_file(file, environment.policy.file_limit)
        .map_err(|error| LoadError::from_error(Step::Read, &error))?;
    let beside = file.with_extension("toml");
    let text = if beside.exists() {
        let failed = |error: &FileError| LoadError::from_error(Step::Settings, error);
        let settings = read_file(&beside, 1 << 20).map_err(|error| failed(&error))?;
        String::from_utf8_lossy(&settings.bytes).into_owned()
    } else {
        String::new()
    };
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    check_contents(
        environment,
        &name,
        &contents,
        &text,
        &beside.display().to_string(),
    )
}

/// The result of each detector, by name.
pub type CheckedAll = Vec<(String, Result<Checked, LoadError>)>;

/// Takes all detectors, disabled ones included, through all steps. The results are sorted by name.
///
/// # Errors
/// Returns a [`DirectoryError`] if the plugin directory cannot be read.
pub fn check_all(
    environment: &Environment,
    origins: &Origins,
) -> Result<CheckedAll, DirectoryError> {
    let directory = Directory::open(origins)?;
    let limit = environment.policy.file_limit;
    let entries = directory.list()?;
    Ok(entries
        .into_iter()
        .map(|(name, entry)| {
            let result = directory
                .program(&name, entry.origin, limit)
                .map_err(|error| LoadError::from_error(Step::Read, &error))
                .and_then(|contents| {
                    let settings = directory
                        .settings(&name, entry.origin)
                        .map_err(|error| LoadError::from_error(Step::Settings, &error))?
                        .unwrap_or_default();
                    let beside = format!("{name}.toml");
                    check_contents(environment, &name, &contents, &settings, &beside)
                });
            (name, result)
        })
        .collect())
}

fn check_contents(
    environment: &Environment,
    name: &str,
    contents: &Contents,
    settings: &str,
    settings_file: &str,
) -> Result<Checked, LoadError> {
    let settings = PluginSettings::parse(settings, settings_file)
        .map_err(|error| LoadError::from_error(Step::Settings, &error))?;
    let loaded = load(environment, name, contents, &settings)?;
    Ok(Checked {
        running: running(&loaded, ""),
        loaded,
        is_enabled: settings.enabled,
    })
}
