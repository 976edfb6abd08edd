//! What detectors say of themselves, without a running host.

use std::sync::Arc;

use anyhow::{Result, bail};

use super::arguments::DetectorsArguments;
use super::error::note;
use crate::app::compose;
use crate::config::Config;
use crate::contract::Descriptor;
use crate::plugin::LoaderEvent;

/// What the detectors of a plugin directory say of themselves; those that are refused are named on standard
/// error.
pub fn descriptors(arguments: &DetectorsArguments) -> Result<Vec<Arc<Descriptor>>> {
    let mut config = match &arguments.config {
        Some(path) => Config::load(path)?,
        None => Config::defaults()?,
    };
    config.threads = 1;
    let plugins = match (&arguments.plugins, &arguments.config) {
        (Some(plugins), _) => plugins.clone(),
        (None, Some(_)) => config.plugin_directory.clone(),
        (None, None) => bail!(
            "no directory of detectors is named (give --plugins DIR, or --config FILE with plugins.directory)"
        ),
    };
    let mut composition = compose(&config, &plugins, None, None)?;
    let mut generation = None;
    for event in composition.loader.look(&mut |next| generation = Some(next)) {
        match event {
            LoaderEvent::Refused { file, error, .. } => note(&format!(
                "detector {file} refused at step {}: {}",
                error.step, error.message
            )),
            LoaderEvent::Unreadable(error) => return Err(error.into()),
            _ => {}
        }
    }
    let detectors = generation.unwrap_or_default().detectors;
    if detectors.is_empty() {
        bail!(
            "{} holds no usable NAME.wasm (build the default detectors with `make plugins`)",
            plugins.display()
        );
    }
    Ok(detectors
        .iter()
        .map(|detector| Arc::clone(&detector.descriptor))
        .collect())
}
