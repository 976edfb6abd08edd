//! Runs the steps of loading offline.

use std::path::Path;

use wardline_files::{FileError, read_file};

use crate::config::PluginSettings;
use crate::plugin::Running;
use crate::plugin::load::{Environment, LoadError, Loaded, Step, load};
use crate::plugin::summary::running;

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
    let settings = PluginSettings::parse(&text, &beside.display().to_string())
        .map_err(|error| LoadError::from_error(Step::Settings, &error))?;
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let loaded = load(environment, &name, &contents, &settings)?;
    Ok(Checked {
        running: running(&loaded, ""),
        loaded,
        is_enabled: settings.enabled,
    })
}
