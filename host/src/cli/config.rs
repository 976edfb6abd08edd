//! `wardline config`.

use anyhow::Result;

use super::arguments::ConfigCommand;
use super::exit::Exit;
use super::output::say;
use crate::app::origins;
use crate::config::{Config, DEFAULTS, reference};
use crate::plugin::Pack;

pub fn config(command: &ConfigCommand, pack: &Pack) -> Result<Exit> {
    match command {
        ConfigCommand::Check(file) => {
            let config = Config::load(&file.config)?;
            say(&format!(
                "{} is valid (sources: {}, sinks: {}, detectors from {})",
                file.config.display(),
                config.sources.len(),
                config.sinks.len(),
                origins(&config, pack).describe()
            ))?;
        }
        ConfigCommand::Print(file) => {
            let config = match &file.config {
                Some(path) => Config::load(path)?,
                None => Config::defaults()?,
            };
            say(&config.to_toml())?;
        }
        ConfigCommand::Reference => say(&reference(DEFAULTS))?,
    }
    Ok(Exit::Done)
}
