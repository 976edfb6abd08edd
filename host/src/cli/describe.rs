//! Reads the descriptors of detectors without a running host.

use std::sync::Arc;

use anyhow::{Result, bail};
use wardline_contract::Descriptor;
use wardline_detect::{Engine, Services};
use wardline_intel::Intel;
use wardline_inventory::Inventory;
use wardline_text::shown;

use super::arguments::DetectorsArguments;
use super::error::note;
use crate::app;
use crate::config::Config;
use crate::plugin::{Environment, Origins, Pack, check_all};

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
        policy: app::policy(config),
    })
}

/// Returns the configuration that the arguments name, or the defaults.
pub fn config(arguments: &DetectorsArguments) -> Result<Config> {
    Ok(match &arguments.config {
        Some(path) => Config::load(path)?,
        None => Config::defaults()?,
    })
}

/// Returns where the detectors come from that the arguments name. Without a configuration, only a
/// directory that is given is used.
pub fn origins(arguments: &DetectorsArguments, config: &Config, pack: &Pack) -> Result<Origins> {
    let mut origins = app::origins(config, pack);
    if arguments.no_defaults {
        origins.pack = Pack::default();
        origins.is_optional = false;
    }
    if let Some(plugins) = &arguments.plugins {
        origins.directory = Some(plugins.clone());
        origins.is_optional = false;
    } else if arguments.config.is_none() {
        origins.directory = None;
    }
    if origins.directory.is_none() && origins.pack.detectors().is_empty() {
        bail!(
            "the built-in detectors are left out, and no others are given (specify `--plugins DIR`, or `--config FILE` with `plugins.directory`)"
        );
    }
    Ok(origins)
}

/// A detector.
pub struct Described {
    /// The detector's descriptor.
    pub descriptor: Arc<Descriptor>,
    /// Whether the operator has left it enabled.
    pub is_enabled: bool,
}

/// Returns the descriptors of detectors, sorted by file name; refused detectors are reported on
/// standard error.
pub fn described(arguments: &DetectorsArguments, pack: &Pack) -> Result<Vec<Described>> {
    let config = config(arguments)?;
    let origins = origins(arguments, &config, pack)?;
    let environment = offline(&config)?;
    let mut described = Vec::new();
    for (name, result) in check_all(&environment, &origins)? {
        match result {
            Ok(checked) => described.push(Described {
                descriptor: Arc::clone(&checked.loaded.detector.descriptor),
                is_enabled: checked.is_enabled,
            }),
            Err(error) => note(&format!(
                "detector {} refused at step {}: {}",
                shown(&name, 128),
                error.step,
                error.message
            )),
        }
    }
    if described.is_empty() {
        bail!("no usable detector in {}", origins.describe());
    }
    Ok(described)
}
