//! Reads the descriptors of detectors without a running host.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wardline_contract::Descriptor;
use wardline_detect::{Engine, Services};
use wardline_intel::Intel;
use wardline_inventory::Inventory;

use super::arguments::DetectorsArguments;
use super::error::note;
use crate::app::policy;
use crate::config::Config;
use crate::plugin::Environment;
use crate::plugin::check;

/// Returns an environment for loading files without judging events.
pub fn offline(config: &Config) -> Result<Environment> {
    Ok(Environment {
        engine: Arc::new(Engine::new(None, config.stack)?),
        services: Services {
            inventory: Arc::new(Inventory::new(1)),
            intel: Arc::new(Intel::empty()),
        },
        store: None,
        threads: 1,
        policy: policy(config),
    })
}

/// A detector in a plugin directory.
pub struct Described {
    /// The detector's descriptor.
    pub descriptor: Arc<Descriptor>,
    /// Whether the operator has left it enabled.
    pub is_enabled: bool,
}

/// Returns the descriptors of a plugin directory, sorted by file name; refused detectors are
/// reported on standard error.
pub fn described(arguments: &DetectorsArguments) -> Result<Vec<Described>> {
    let config = match &arguments.config {
        Some(path) => Config::load(path)?,
        None => Config::defaults()?,
    };
    let plugins = match (&arguments.plugins, &arguments.config) {
        (Some(plugins), _) => plugins.clone(),
        (None, Some(_)) => config.plugin_directory.clone(),
        (None, None) => bail!(
            "no plugin directory is given (specify `--plugins DIR`, or `--config FILE` with `plugins.directory`)"
        ),
    };
    let unreadable = || format!("cannot read {}", plugins.display());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&plugins)
        .with_context(unreadable)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .with_context(unreadable)?;
    files.retain(|file| file.extension().is_some_and(|it| it == "wasm"));
    files.sort();
    let environment = offline(&config)?;
    let mut described = Vec::with_capacity(files.len());
    for file in files {
        match check(&environment, &file) {
            Ok(checked) => described.push(Described {
                descriptor: Arc::clone(&checked.loaded.detector.descriptor),
                is_enabled: checked.is_enabled,
            }),
            Err(error) => note(&format!(
                "detector {} refused at step {}: {}",
                file.display(),
                error.step,
                error.message
            )),
        }
    }
    if described.is_empty() {
        bail!(
            "{} contains no usable NAME.wasm (build the default detectors with `make plugins`)",
            plugins.display()
        );
    }
    Ok(described)
}
